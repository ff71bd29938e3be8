import { Connection, type Wire } from "./connection.js";
import { reactionTo, type RoomcastError } from "./errors.js";
import type { Frame, RefreshedFrame, ServerFrame } from "./frames.js";
import type { NetworkChange } from "./network.js";
import type { Settings } from "./options.js";
import { outgoing } from "./outgoing.js";
import { isKnown, isTypeKnown, parseAll } from "./protocol.js";
import { Refresher, type RefresherListener } from "./refresher.js";
import { Socket } from "./socket.js";

/** What a Reconnector reports to its owner. */
export interface ReconnectorListener {
  /** A connection is open. */
  opened(from: Reconnector, connection: Connection): void;
  /** A frame arrived that answers no request. */
  received(frame: ServerFrame, connection: Connection): void;
  /** The connection has a new token. */
  refreshed(frame: RefreshedFrame, connection: Connection): void;
  /** The token has expired, and there is no other one. */
  ended(error: RoomcastError): void;
  /** The connection is gone or an attempt failed; another attempt follows. */
  lost(from: Reconnector): void;
  /** Why, right after that; or why the connection has no new token. */
  failed(from: Reconnector, error: RoomcastError, url?: string): void;
  /** A frame of the application's own arrived that answers no request. */
  other(frame: Frame): void;
}

/** A socket that reconnects, and the connection that is open on it now. */
export class Reconnector {
  readonly #socket: Socket;
  #connection: Connection | undefined;
  #refresher: Refresher | undefined;
  readonly #probeTimeout: number;
  #closed = false;
  #checking: Promise<boolean> | undefined;

  /** Starts to connect. */
  constructor(settings: Settings, listener: ReconnectorListener) {
    this.#probeTimeout = settings.probeTimeout;
    const wire: Wire = {
      send: (text) => this.#socket.send(text),
      backlog: () => this.#socket.backlog,
      replace: () => this.replace(),
      refresh: async () => this.#refresher?.refresh(),
    };
    const { refreshed, ended } = listener;
    const refreshing: RefresherListener = { refreshed, ended, failed: (error) => listener.failed(this, error) };
    this.#socket = new Socket(settings, {
      opened: () => {
        this.#connection = new Connection(wire, settings.requestTimeout);
        this.#refresher = new Refresher(this.#connection, settings, refreshing, this.#socket.token);
        listener.opened(this, this.#connection);
      },
      received: (text) => {
        for (const frame of parseAll(text)) {
          const connection = this.#connection;
          // The frame before, or a listener that received it, may have ended the connection.
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
      ended,
    });
  }

  /** The connection, while there is one. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Gives the connection up for a new one. */
  replace(): void {
    if (!this.#closed) this.#socket.replace();
  }

  /** Resolves with whether the connection works, after the network may have changed. Without a connection, makes the next attempt at once. */
  async check(change: NetworkChange): Promise<boolean> {
    if (this.#connection === undefined) {
      if (change !== "offline") this.#socket.hurry(change === "online");
      return false;
    }
    // Without a reply in time the connection is replaced.
    this.#checking ??= this.#connection
      .request(outgoing("ping"), this.#probeTimeout)
      .then(() => true, () => false)
      .finally(() => (this.#checking = undefined));
    return this.#checking;
  }

  /** Closes it permanently. */
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
