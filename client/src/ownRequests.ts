import { backoff } from "./backoff.js";
import type { Connection } from "./connection.js";
import { RoomcastError } from "./errors.js";
import type { Frame, ServerFrame } from "./frames.js";
import type { Outgoing } from "./outgoing.js";
import type { Transport } from "./request.js";

/** Refusals that say that nothing was done. */
const NOTHING_DONE: ReadonlySet<string> = new Set(["rate_limited", "token_expired", "not_connected"]);

/**
 * The requests to routes of the application's own. Each is sent once, because
 * only the function behind the route knows what a copy would do. It is sent again
 * only if the server says that it did nothing.
 */
export class OwnRequests {
  readonly #transport: Transport;
  readonly #maxQueued: number;
  readonly #probeTimeout: number;
  #size = 0;
  #closed: RoomcastError | undefined;

  /** At most `maxQueued` requests are pending at a time. A connection that was silent for less than `probeTimeout` milliseconds is kept. */
  constructor(transport: Transport, maxQueued: number, probeTimeout: number) {
    this.#transport = transport;
    this.#maxQueued = maxQueued;
    this.#probeTimeout = probeTimeout;
  }

  /** Sends a request as soon as there is a connection, and resolves with the reply. Both together may take `timeout` milliseconds. */
  async send(sent: Outgoing, timeout: number): Promise<ServerFrame | Frame> {
    if (this.#size >= this.#maxQueued) throw new RoomcastError("queue_full", `${this.#maxQueued} requests have no reply yet`);
    this.#size++;
    const until = Date.now() + timeout;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      const why = `${sent.action} was not sent within ${timeout} ms`;
      timer = setTimeout(() => reject(new RoomcastError("timeout", why)), timeout);
    });
    // Nothing may wait for it any more when it is rejected.
    late.catch(() => undefined);
    try {
      for (let retry = 1; ; ) {
        const connection = await Promise.race([this.#connection(), late]);
        // Checked right before it is sent: two with one key would take each other's replies.
        const same = connection.pending(sent.clientId);
        if (same !== undefined) await Promise.race([same, late]);
        if (same !== undefined || connection.closed) continue;
        try {
          const left = Math.max(1, until - Date.now());
          return await connection.request(sent, left, left >= this.#probeTimeout);
        } catch (reason) {
          const error = reason as RoomcastError;
          if (!NOTHING_DONE.has(error.code)) throw doubtful(error);
          if (error.code === "rate_limited") await Promise.race([connection.sleep(this.#pause(error, retry++)), late]);
        }
      }
    } finally {
      clearTimeout(timer);
      this.#size--;
    }
  }

  /** Gives up what waits for a connection. */
  close(error: RoomcastError): void {
    this.#closed = error;
  }

  #pause({ retryAfterMs = 0 }: RoomcastError, retry: number): number {
    return retryAfterMs + backoff(retry, this.#transport.retryBase, this.#transport.retryMax);
  }

  /** Resolves with a connection as soon as there is one. */
  async #connection(): Promise<Connection> {
    for (;;) {
      if (this.#closed !== undefined) throw this.#closed;
      const connection = this.#transport.connection(undefined);
      if (connection !== undefined) return connection;
      await new Promise<void>((resolve) => this.#transport.changed.once(resolve));
    }
  }
}

/** Adds to the error of a request without a reply that it may have been carried out. */
function doubtful(error: RoomcastError): RoomcastError {
  if (error.code === "connection_lost") return new RoomcastError("outcome_unknown", `${error.message}; it may have been carried out`);
  return error.code === "timeout" ? new RoomcastError("timeout", `${error.message}; it may have been carried out`) : error;
}
