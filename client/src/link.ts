import type { Connection } from "./connection.js";
import { RoomcastError } from "./errors.js";
import type { ConnectionState } from "./events.js";
import type { OtherFrame, RefreshedFrame, ServerFrame } from "./frames.js";
import { Line } from "./line.js";
import type { NetworkChange } from "./network.js";
import type { Settings } from "./options.js";

/** A connection that was replaced stays open for at least so long. */
const DRAIN_MS = 1000;

/** What a Link tells its owner. */
export interface LinkListener {
  /** A connection is open: joins the rooms on it; resolves when all are joined or it is gone. */
  enter(connection: Connection): Promise<void>;
  /** A connection is the one in use from now on, though it may not be in all rooms yet. */
  used(connection: Connection): void;
  /** The connection in use is in all rooms. */
  ready(connection: Connection): void;
  /** The connection in use is gone. */
  unused(): void;
  /** A connection that was opened for a rollover serves instead of one that was lost. */
  tookOver(connection: Connection): void;
  /** A connection has a new token. */
  refreshed(frame: RefreshedFrame, connection: Connection): void;
  /** The token has ended, and nothing gives another one. */
  ended(error: RoomcastError): void;
  /** An attempt failed, a connection broke or has no new token; the next attempt follows. */
  failed(error: RoomcastError, url?: string): void;
  /** A frame came that is not one of Roomcast's, and answers no request. */
  other(frame: OtherFrame): void;
  /** A frame came that answers no request. */
  received(frame: ServerFrame, connection: Connection): void;
  /** The state changed. */
  state(state: ConnectionState): void;
}

/**
 * The connection in use: it comes back after a loss, and is replaced by another
 * before API Gateway closes it.
 *
 * A planned rollover makes before it breaks: another line is opened and brought
 * into all rooms while the first still serves. Then it takes over, and the
 * first is closed when its last replies are in.
 */
export class Link {
  readonly #settings: Settings;
  readonly #listener: LinkListener;
  #line: Line;
  #next: Line | undefined;
  readonly #draining = new Set<Line>();
  #rolloverTimer: ReturnType<typeof setTimeout> | undefined;
  #rolledOver: (() => void)[] = [];
  #state: ConnectionState = "connecting";

  /** Makes a link and starts to connect. */
  constructor(settings: Settings, listener: LinkListener) {
    this.#settings = settings;
    this.#listener = listener;
    this.#line = this.#open();
  }

  /** Where the connection stands. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** The connection in use, from its opening on: it may still be on its way into rooms. */
  get connection(): Connection | undefined {
    return this.#line.connection;
  }

  /** Every connection on which rooms are joined. */
  get connections(): Connection[] {
    return [this.#line, this.#next].map((line) => line?.connection).filter((connection) => connection !== undefined);
  }

  /** Looks whether the connections still work, because the network may have changed. */
  check(change: NetworkChange): void {
    for (const line of [this.#line, this.#next]) line?.check(change);
  }

  /** Replaces the connection by another without a gap; resolves when that is done, rejected when it takes too long. */
  rollover(): Promise<void> {
    const { connectTimeout, requestTimeout } = this.#settings;
    const timeout = connectTimeout + requestTimeout;
    const done = new Promise<void>((resolve, reject) => {
      const late = new RoomcastError("timeout", `the connection was not replaced within ${timeout} ms; the client goes on trying`);
      const timer = setTimeout(() => reject(late), timeout);
      this.#rolledOver.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    this.#rollOver();
    return done;
  }

  /** Begins to replace the connection. Without an open one, the one that is being made will be a new one. */
  #rollOver(): void {
    if (this.connection !== undefined) this.#next ??= this.#open();
  }

  /** Closes every connection for good. */
  close(error: RoomcastError): void {
    if (this.#state === "closed") return;
    this.#setState("closed");
    clearTimeout(this.#rolloverTimer);
    for (const line of [this.#line, this.#next, ...this.#draining]) line?.close(error);
    this.#finishRollover();
  }

  #open(): Line {
    return new Line(this.#settings, {
      opened: (line, connection) => void this.#opened(line, connection),
      received: (frame, connection) => this.#listener.received(frame, connection),
      refreshed: (frame, connection) => this.#listener.refreshed(frame, connection),
      ended: (error) => this.#listener.ended(error),
      lost: (line) => this.#lost(line),
      other: (frame) => this.#listener.other(frame),
      failed: (line, error, url) => {
        if (!this.#draining.has(line)) this.#listener.failed(error, url);
      },
    });
  }

  async #opened(line: Line, connection: Connection): Promise<void> {
    connection.planned = line === this.#next;
    if (!connection.planned) this.#use(connection);
    if (connection.closed) return;
    await this.#listener.enter(connection);
    if (connection.closed) return;
    if (line === this.#next) {
      void this.#drain(this.#line);
      this.#line = line;
      this.#next = undefined;
      this.#use(connection);
    }
    this.#setState("open");
    // A listener may have closed the client.
    if (connection.closed) return;
    this.#listener.ready(connection);
    if (this.#next === undefined) this.#finishRollover();
  }

  /** Takes a connection in use, and sets the time for its rollover. */
  #use(connection: Connection): void {
    this.#planRollover(connection);
    this.#listener.used(connection);
  }

  #lost(line: Line): void {
    if (this.#draining.has(line)) return this.#drained(line);
    if (line !== this.#line) return;
    clearTimeout(this.#rolloverTimer);
    this.#listener.unused();
    this.#setState("reconnecting");
    // A listener may have closed the client.
    if (this.#next === undefined || this.#state === "closed") return;
    // It is further on than another attempt on this line would be.
    line.close();
    this.#line = this.#next;
    this.#next = undefined;
    const { connection } = this.#line;
    if (connection === undefined) return;
    connection.planned = false;
    this.#use(connection);
    this.#listener.tookOver(connection);
  }

  /** Lets a line finish: closes it when all replies are in, or were due. A request of the application's own may take longer than others. */
  async #drain(line: Line): Promise<void> {
    this.#draining.add(line);
    // The server may be sending something right now.
    do await line.connection?.sleep(DRAIN_MS);
    while (line.connection?.idle === false);
    this.#drained(line);
  }

  #drained(line: Line): void {
    this.#draining.delete(line);
    line.close();
  }

  /** Sets the time for a connection's rollover, by its age and at random so that clients which connected together do not roll over together. */
  #planRollover(connection: Connection): void {
    clearTimeout(this.#rolloverTimer);
    const wait = this.#settings.rolloverAfter * (0.9 + 0.1 * Math.random());
    this.#rolloverTimer = setTimeout(() => this.#rollOver(), wait - (Date.now() - connection.openedAt));
  }

  #finishRollover(): void {
    for (const done of this.#rolledOver.splice(0)) done();
  }

  #setState(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#listener.state(state);
  }
}
