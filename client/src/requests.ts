import { RoomcastError } from "./errors.js";
import type { Action, Replies, ServerFrame } from "./protocol.js";

interface Entry {
  readonly action: Action;
  readonly text: string;
  readonly timer: ReturnType<typeof setTimeout>;
  readonly resolve: (reply: ServerFrame) => void;
  readonly reject: (error: RoomcastError) => void;
  sent: boolean;
}

/**
 * The requests that have no reply yet, in the order in which they were made.
 *
 * Each has a clientId of its own, by which its reply is found. A request waits
 * unsent while there is no connection to send it on; its time runs meanwhile.
 */
export class Requests {
  readonly #entries = new Map<string, Entry>();
  readonly #prefix = randomId();
  readonly #timeout: number;
  readonly #maxQueued: number;
  readonly #write: (text: string) => void;
  #count = 0;

  constructor(options: { timeout: number; maxQueued: number; write: (text: string) => void }) {
    this.#timeout = options.timeout;
    this.#maxQueued = options.maxQueued;
    this.#write = options.write;
  }

  /** Adds a request that waits for `flush`, and promises its reply. */
  add<A extends keyof Replies>(action: A, fields: object): Promise<Replies[A]> {
    // A join is never refused: without it the client would sit in no room. Nor is a leave, which does not wait.
    if (action !== "join" && action !== "leave" && this.#queued() >= this.#maxQueued) {
      return Promise.reject(new RoomcastError("queue_full", `${this.#maxQueued} requests wait for the connection already`));
    }
    const clientId = `${this.#prefix}-${++this.#count}`;
    return new Promise((resolve, reject) => {
      this.#entries.set(clientId, {
        action,
        text: JSON.stringify({ action, ...fields, clientId }),
        timer: setTimeout(() => this.#expire(clientId), this.#timeout),
        // The server answers a clientId with the reply of its request.
        resolve: (reply) => resolve(reply as Replies[A]),
        reject,
        sent: false,
      });
    });
  }

  /** Sends what waits: only requests of the action, if one is named. */
  flush(action?: Action): void {
    for (const entry of this.#entries.values()) {
      if (entry.sent || (action !== undefined && entry.action !== action)) continue;
      entry.sent = true;
      this.#write(entry.text);
    }
  }

  /** Settles the request that the frame answers; false when it answers none. */
  settle(frame: ServerFrame): boolean {
    const clientId = "clientId" in frame ? frame.clientId : undefined;
    if (clientId === undefined) return false;
    const entry = this.#take(clientId);
    if (frame.type === "error") entry?.reject(new RoomcastError(frame.code, frame.message, frame.retryAfterMs));
    else entry?.resolve(frame);
    return true;
  }

  /** Rejects the requests that were sent on a connection which is gone. */
  failSent(error: RoomcastError): void {
    for (const [clientId, entry] of this.#entries) {
      if (entry.sent) this.#take(clientId)?.reject(error);
    }
  }

  /** Rejects everything. */
  failAll(error: RoomcastError): void {
    for (const clientId of this.#entries.keys()) this.#take(clientId)?.reject(error);
  }

  #queued(): number {
    let n = 0;
    for (const entry of this.#entries.values()) if (!entry.sent) n++;
    return n;
  }

  #expire(clientId: string): void {
    const entry = this.#take(clientId);
    const why = entry?.sent ? "no reply to" : "no connection in time for";
    entry?.reject(new RoomcastError("timeout", `${why} ${entry.action} within ${this.#timeout} ms`));
  }

  #take(clientId: string): Entry | undefined {
    const entry = this.#entries.get(clientId);
    clearTimeout(entry?.timer);
    this.#entries.delete(clientId);
    return entry;
  }
}

/** 16 random hex digits. Not randomUUID, which browsers keep to secure contexts. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
