import { Connection, type Wire } from "./connection.js";
import { errorAction, type RoomcastError } from "./errors.js";
import type { RefreshedFrame, ServerFrame } from "./frames.js";
import type { Settings } from "./options.js";
import { parseFrames } from "./protocol.js";
import { Refresher, type RefresherListener } from "./refresher.js";
import { Socket } from "./socket.js";

/** What a Line tells its owner. */
export interface LineListener {
  /** A connection is open. */
  opened(line: Line, connection: Connection): void;
  /** A frame came that answers no request. */
  received(frame: ServerFrame, connection: Connection): void;
  /** The connection has a new token. */
  refreshed(frame: RefreshedFrame, connection: Connection): void;
  /** The token has ended, and nothing gives another one. */
  ended(error: RoomcastError): void;
  /** The connection is gone or an attempt failed; another attempt follows. */
  lost(line: Line): void;
  /** Why that was, right after it; or why the connection has no new token. */
  failed(line: Line, error: RoomcastError): void;
}

/** A reconnecting socket, and the connection that is open on it now. */
export class Line {
  readonly #socket: Socket;
  #connection: Connection | undefined;
  #refresher: Refresher | undefined;
  #closed = false;

  /** Starts to connect. */
  constructor(settings: Settings, listener: LineListener) {
    const wire: Wire = {
      send: (text) => this.#socket.send(text),
      backlog: () => this.#socket.backlog,
      replace: () => this.replace(),
      refresh: async () => this.#refresher?.refresh(),
    };
    const refreshing: RefresherListener = {
      refreshed: (frame, connection) => listener.refreshed(frame, connection),
      failed: (error) => listener.failed(this, error),
      ended: (error) => listener.ended(error),
    };
    this.#socket = new Socket(settings, {
      opened: () => {
        // A connection never goes on to another socket.
        this.#end();
        this.#connection = new Connection(wire, settings.requestTimeout);
        this.#refresher = new Refresher(this.#connection, settings, refreshing, this.#socket.token);
        listener.opened(this, this.#connection);
      },
      received: (text) => {
        for (const frame of parseFrames(text)) {
          const connection = this.#connection;
          // The frame before, or a listener that heard of it, may have ended it.
          if (connection === undefined) return;
          if (!connection.receive(frame)) listener.received(frame, connection);
          if (frame.type !== "error") continue;
          const action = errorAction(frame.code);
          if (action === "reconnect") connection.replace();
          else if (action === "refresh") this.#refresher?.expired(frame);
        }
      },
      lost: () => {
        this.#end();
        if (!this.#closed) listener.lost(this);
      },
      failed: (error) => {
        if (!this.#closed) listener.failed(this, error);
      },
      ended: (error) => listener.ended(error),
    });
  }

  /** The connection, while there is one. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Gives up the connection, which is of no use any more, for a new one. */
  replace(): void {
    if (!this.#closed) this.#socket.replace();
  }

  /** Closes for good. */
  close(error?: RoomcastError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#end(error);
    this.#socket.close();
  }

  #end(error?: RoomcastError): void {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#refresher?.stop();
    connection?.close(error);
  }
}
