import type { Connection } from "./connection.js";
import { closed } from "./errors.js";
import type { ConnectionState } from "./events.js";
import type { ServerFrame } from "./frames.js";
import { Line } from "./line.js";
import type { Settings } from "./options.js";

/** A connection that was replaced stays open for at least so long. */
const DRAIN_MS = 1000;

/** What a Link tells its owner. */
export interface LinkListener {
  /** A connection is open: joins the rooms on it; resolves when all are joined or it is gone. */
  enter(connection: Connection): Promise<void>;
  /** A connection, in all rooms, is the one in use from now on. */
  ready(connection: Connection): void;
  /** A frame came that answers no request. */
  received(frame: ServerFrame): void;
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

  /** Replaces the connection by another without a gap; resolves when that is done. */
  rollover(): Promise<void> {
    const done = new Promise<void>((resolve) => this.#rolledOver.push(resolve));
    // Without an open connection, the one that is being made will be a new one.
    if (this.#state === "open") this.#next ??= this.#open();
    return done;
  }

  /** Closes every connection for good. */
  close(): void {
    if (this.#state === "closed") return;
    this.#setState("closed");
    clearTimeout(this.#rolloverTimer);
    for (const line of [this.#line, this.#next, ...this.#draining]) line?.close(closed());
    this.#finishRollover();
  }

  #open(): Line {
    return new Line(this.#settings, {
      opened: (line, connection) => void this.#opened(line, connection),
      received: (frame) => this.#listener.received(frame),
      lost: (line) => this.#lost(line),
    });
  }

  async #opened(line: Line, connection: Connection): Promise<void> {
    connection.planned = line === this.#next;
    await this.#listener.enter(connection);
    if (connection.closed) return;
    if (line === this.#next) {
      void this.#drain(this.#line);
      this.#line = line;
      this.#next = undefined;
    }
    this.#planRollover();
    this.#setState("open");
    // A listener may have closed the client.
    if (connection.closed) return;
    this.#listener.ready(connection);
    this.#finishRollover();
  }

  #lost(line: Line): void {
    if (this.#draining.has(line)) return this.#drained(line);
    if (line !== this.#line) return;
    if (this.#next !== undefined) {
      // It is further on than another attempt on this line would be.
      line.close();
      this.#line = this.#next;
      this.#next = undefined;
    }
    clearTimeout(this.#rolloverTimer);
    this.#setState("reconnecting");
  }

  /** Lets a line finish: closes it when all replies are in, or were due. */
  async #drain(line: Line): Promise<void> {
    this.#draining.add(line);
    const until = Date.now() + this.#settings.requestTimeout;
    // The server may be sending something right now.
    do await line.connection?.sleep(DRAIN_MS);
    while (line.connection?.idle === false && Date.now() < until);
    this.#drained(line);
  }

  #drained(line: Line): void {
    this.#draining.delete(line);
    line.close();
  }

  /** Sets the time for the next rollover, at random so that clients which connected together do not roll over together. */
  #planRollover(): void {
    clearTimeout(this.#rolloverTimer);
    const wait = this.#settings.rolloverAfter * (0.9 + 0.1 * Math.random());
    this.#rolloverTimer = setTimeout(() => void this.rollover(), wait);
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
