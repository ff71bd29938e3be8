import { Connection, type Wire } from "./connection.js";
import { reactionTo, type RoomcastError } from "./errors.js";
import type { OtherFrame, RefreshedFrame, ServerFrame } from "./frames.js";
import type { NetworkChange } from "./network.js";
import type { Settings } from "./options.js";
import { outgoing } from "./outgoing.js";
import { isKnown, isTypeKnown, parseAll } from "./protocol.js";
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
  failed(line: Line, error: RoomcastError, url?: string): void;
  /** A frame came that is not one of Roomcast's, and answers no request. */
  other(frame: OtherFrame): void;
}

/** A reconnecting socket, and the connection that is open on it now. */
export class Line {
  readonly #socket: Socket;
  #connection: Connection | undefined;
  #refresher: Refresher | undefined;
  readonly #probeTimeout: number;
  #closed = false;
  #checking = false;

  /** Starts to connect. */
  constructor(settings: Settings, listener: LineListener) {
    this.#probeTimeout = settings.probeTimeout;
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
        for (const frame of parseAll(text)) {
          const connection = this.#connection;
          // The frame before, or a listener that heard of it, may have ended it.
          if (connection === undefined) return;
          const answers = connection.receive(frame);
          if (!isKnown(frame)) {
            if (!answers && !isTypeKnown(frame)) listener.other(frame);
            continue;
          }
          if (!answers) listener.received(frame, connection);
          if (frame.type !== "error") continue;
          const reaction = reactionTo(frame.code);
          if (reaction === "reconnect") connection.replace();
          else if (reaction === "refresh") this.#refresher?.expired(frame);
        }
      },
      lost: (oversize) => {
        this.#end(undefined, oversize);
        if (!this.#closed) listener.lost(this);
      },
      failed: (error, url) => {
        if (!this.#closed) listener.failed(this, error, url);
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

  /** Finds out whether the connection still works, after the network may have changed, or makes the next attempt at once. */
  check(change: NetworkChange): void {
    const connection = this.#connection;
    if (this.#closed) return;
    if (connection === undefined) {
      if (change !== "offline") this.#socket.hurry(change === "online");
    } else if (!this.#checking) {
      this.#checking = true;
      // Without an answer in time the connection is replaced.
      connection
        .request(outgoing("ping"), this.#probeTimeout)
        .catch(() => undefined)
        .finally(() => (this.#checking = false));
    }
  }

  /** Closes for good. */
  close(error?: RoomcastError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#end(error);
    this.#socket.close();
  }

  #end(error?: RoomcastError, oversize?: boolean): void {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#refresher?.stop();
    connection?.close(error, oversize);
  }
}
