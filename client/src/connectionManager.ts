import type { Connection } from "./connection.js";
import { RoomcastError } from "./errors.js";
import type { ConnectionState } from "./events.js";
import type { Frame, RefreshedFrame, ServerFrame } from "./frames.js";
import { Reconnector } from "./reconnector.js";
import type { NetworkChange } from "./network.js";
import type { Settings } from "./options.js";

/** A connection that was replaced stays open for at least this long, in milliseconds. */
const DRAIN_MS = 1000;

/** What a ConnectionManager reports to its owner. */
export interface ConnectionManagerListener {
  /** A connection is open: joins the rooms on it. Resolves when all are joined or the connection is gone. */
  enter(connection: Connection): Promise<void>;
  /** A connection is in use from now on, though it may not be in all rooms yet. */
  used(connection: Connection): void;
  /** The connection in use is in all rooms. */
  ready(connection: Connection): void;
  /** The connection in use is gone. */
  unused(): void;
  /** A connection that was opened for a rollover replaces one that was lost. */
  tookOver(connection: Connection): void;
  /** The connection was replaced as planned. */
  rolledOver(): void;
  /** A connection has a new token. */
  refreshed(frame: RefreshedFrame, connection: Connection): void;
  /** The token has expired, and there is no other one. */
  ended(error: RoomcastError): void;
  /** An attempt failed, a connection broke or has no new token; the next attempt follows. */
  failed(error: RoomcastError, url?: string): void;
  /** A frame of the application's own arrived that answers no request. */
  other(frame: Frame): void;
  /** A frame arrived that answers no request. */
  received(frame: ServerFrame, connection: Connection): void;
  /** The state changed. */
  state(state: ConnectionState): void;
}

/**
 * The connection in use: it comes back after a loss, and is replaced by another
 * before API Gateway closes it.
 *
 * A planned rollover makes before it breaks: a second connection joins all
 * rooms while the first still serves. Then it takes over, and the first is
 * closed when its last replies are in.
 */
export class ConnectionManager {
  readonly #settings: Settings;
  readonly #listener: ConnectionManagerListener;
  #active: Reconnector;
  #next: Reconnector | undefined;
  readonly #draining = new Set<Reconnector>();
  #rolloverTimer: ReturnType<typeof setTimeout> | undefined;
  #rolledOver: (() => void)[] = [];
  #state: ConnectionState = "connecting";

  /** Starts to connect. */
  constructor(settings: Settings, listener: ConnectionManagerListener) {
    this.#settings = settings;
    this.#listener = listener;
    this.#active = this.#open();
  }

  /** The state of the connection. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** The connection in use, from its opening on: it may still be joining rooms. */
  get connection(): Connection | undefined {
    return this.#active.connection;
  }

  /** Every connection on which rooms are joined. */
  get connections(): Connection[] {
    return [this.#active, this.#next].map((one) => one?.connection).filter((connection) => connection !== undefined);
  }

  /** Checks the connections, because the network may have changed. Resolves with whether the one in use works. */
  async check(change: NetworkChange): Promise<boolean> {
    const [works = false] = await Promise.all([this.#active.check(change), this.#next?.check(change)]);
    return works;
  }

  /** Replaces the connection without a gap. Resolves when that is done; rejected with `timeout` if it takes too long. */
  rollover(): Promise<void> {
    const timeout = this.#settings.callTimeout;
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

  /** Starts to replace the connection. If none is open, the next one is new anyway. */
  #rollOver(): void {
    if (this.connection !== undefined) this.#next ??= this.#open();
  }

  /** Closes every connection permanently. */
  close(error: RoomcastError): void {
    if (this.#state === "closed") return;
    this.#setState("closed");
    clearTimeout(this.#rolloverTimer);
    for (const one of [this.#active, this.#next, ...this.#draining]) one?.close(error);
    this.#finishRollover();
  }

  #open(): Reconnector {
    return new Reconnector(this.#settings, {
      ...this.#listener,
      opened: (from, connection) => void this.#opened(from, connection),
      lost: (from) => this.#lost(from),
      failed: (from, error, url) => {
        if (!this.#draining.has(from)) this.#listener.failed(error, url);
      },
    });
  }

  async #opened(one: Reconnector, connection: Connection): Promise<void> {
    connection.planned = one === this.#next;
    if (!connection.planned) this.#use(connection);
    if (connection.closed) return;
    await this.#listener.enter(connection);
    if (connection.closed) return;
    if (one === this.#next) {
      void this.#drain(this.#active);
      this.#active = one;
      this.#next = undefined;
      this.#use(connection);
      this.#listener.rolledOver();
    }
    this.#setState("open");
    if (connection.closed) return;
    this.#listener.ready(connection);
    if (this.#next === undefined) this.#finishRollover();
  }

  /** Puts a connection in use, and plans its rollover. */
  #use(connection: Connection): void {
    this.#planRollover(connection);
    this.#listener.used(connection);
  }

  #lost(one: Reconnector): void {
    if (this.#draining.has(one)) return this.#drained(one);
    if (one !== this.#active) return;
    clearTimeout(this.#rolloverTimer);
    this.#listener.unused();
    this.#setState("reconnecting");
    // A listener may have closed the client.
    if (this.#next === undefined || this.#state === "closed") return;
    // It is further along than another attempt would be.
    one.close();
    this.#active = this.#next;
    this.#next = undefined;
    const { connection } = this.#active;
    if (connection === undefined) return;
    connection.planned = false;
    this.#use(connection);
    this.#listener.tookOver(connection);
  }

  /** Closes it when all replies are in, or were due. A request of the application's own may take longer than others. */
  async #drain(one: Reconnector): Promise<void> {
    this.#draining.add(one);
    // The server may be sending something right now.
    do await one.connection?.sleep(DRAIN_MS);
    while (one.connection?.idle === false);
    this.#drained(one);
  }

  #drained(one: Reconnector): void {
    this.#draining.delete(one);
    one.close();
  }

  /** Plans a connection's rollover by its age, at random so that clients that connected together do not roll over together. */
  #planRollover(connection: Connection): void {
    clearTimeout(this.#rolloverTimer);
    const wait = this.#settings.rolloverAfter * (0.9 + 0.1 * Math.random());
    this.#rolloverTimer = setTimeout(() => this.#rollOver(), wait - (Date.now() - connection.openedAt));
  }

  #finishRollover(): void {
    for (const done of this.#rolledOver.splice(0)) done();
  }

  #setState(state: ConnectionState): void {
    // A listener may have closed the client, which is final.
    if (state === this.#state || this.#state === "closed") return;
    this.#state = state;
    this.#listener.state(state);
  }
}
