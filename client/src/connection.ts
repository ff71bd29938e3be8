import { MAX_TIMEOUT } from "./backoff.js";
import { RoomcastError } from "./errors.js";
import type { ErrorFrame, Frame, Replies, ServerFrame } from "./frames.js";
import { utf8Size } from "./json.js";
import type { Outgoing } from "./outgoing.js";
import { isKnown } from "./protocol.js";
import { REPLIES } from "./replies.js";

/** A frame that arrived. */
type Incoming = ServerFrame | Frame;

/** The reply to a request. Any frame may answer one of the application's own. */
type Reply<A extends string> = A extends keyof Replies ? Replies[A] : Incoming;

interface Pending {
  readonly sent: Outgoing;
  readonly reply: Promise<Incoming>;
  resolve(reply: Incoming): void;
  reject(error: RoomcastError): void;
  /** An error of API Gateway's that may be about this request. */
  suspicion?: RoomcastError;
}

/** What a Connection needs of the socket under it. */
export interface Wire {
  /** Sends a text frame. */
  send(text: string): void;
  /** How many bytes wait for the network. */
  backlog(): number;
  /** Replaces the socket, which is dead or unknown to the server. */
  replace(): void;
  /** Gets a new token for the connection. Resolves when it has one, or is gone. */
  refresh(): Promise<void>;
}

/**
 * One open socket and the pending requests on it. A reply is matched to its
 * request by the clientId.
 */
export class Connection {
  /** The rooms that it is in, according to the server. */
  readonly joined = new Set<string>();
  /** The rooms that it was asked to join: it may be in them. */
  readonly asked = new Set<string>();
  /** When it was last asked to leave each room. */
  readonly left = new Map<string, number>();
  /** When it was opened, by Date.now(). */
  readonly openedAt = Date.now();
  /** Whether it was opened for a rollover, and has not taken over yet. */
  planned = false;
  /** Whether its token has expired: the server refuses everything until it has a new one. */
  expired = false;
  readonly #wire: Wire;
  readonly #timeout: number;
  readonly #pending = new Map<string, Pending>();
  readonly #sleepers = new Set<() => void>();
  #closed = false;
  #frames = 0;

  /** Makes the connection of a socket that was just opened. A reply may take `timeout` milliseconds. */
  constructor(wire: Wire, timeout: number) {
    this.#wire = wire;
    this.#timeout = timeout;
  }

  /** Whether it is gone. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether every request has its reply. */
  get idle(): boolean {
    return this.#pending.size === 0;
  }

  /** How many bytes wait for the network. */
  get backlog(): number {
    return this.#wire.backlog();
  }

  /** Sends a frame without a reply. Drops it if the connection is gone. */
  send(text: string): void {
    if (!this.#closed) this.#wire.send(text);
  }

  /**
   * Sends a request once and resolves with its reply. Rejected with `timeout`
   * after `timeout` milliseconds, `connection_lost`, `message_too_large` or the
   * server's error. If nothing arrived in all that time, the connection is
   * replaced, unless `mayReplace` is false.
   */
  async request<A extends string>(sent: Outgoing<A>, timeout = this.#timeout, mayReplace = true): Promise<Reply<A>> {
    if (this.#closed) throw lost();
    const { clientId } = sent;
    const pending = newPending(sent);
    this.#pending.set(clientId, pending);
    const timer = setTimeout(this.#unanswered, timeout, pending, timeout, mayReplace ? this.#frames : undefined);
    this.send(sent.text);
    try {
      return (await pending.reply) as Reply<A>;
    } finally {
      clearTimeout(timer);
      if (this.#pending.get(clientId) === pending) this.#pending.delete(clientId);
    }
  }

  /** Resolves when the pending request with that clientId is done; undefined if there is no such request. */
  pending(clientId: string): Promise<unknown> | undefined {
    return this.#pending.get(clientId)?.reply.catch(() => undefined);
  }

  /** Takes a frame. Returns whether it is a reply, also to a request that was given up. */
  receive(frame: Incoming): boolean {
    this.#frames++;
    const clientId = "clientId" in frame ? frame.clientId : undefined;
    const error = isError(frame) ? new RoomcastError(frame.code, frame.message, frame.retryAfterMs) : ownError(frame);
    if (isError(frame) && frame.gateway === true) return this.#someFailed(error!);
    const pending = clientId === undefined ? this.#unnamed(error) : this.#pending.get(clientId);
    if (pending === undefined) return clientId !== undefined && isKnown(frame);
    // A late reply to a copy of an earlier request with that clientId.
    if (error === undefined && !fits(frame, pending.sent)) return true;
    this.#pending.delete(pending.sent.clientId);
    if (error !== undefined) pending.reject(error);
    else pending.resolve(frame);
    return true;
  }

  /** Waits that many milliseconds, or until the connection is gone. */
  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(MAX_TIMEOUT, milliseconds));
      if (this.#closed) wake();
      else this.#sleepers.add(wake);
    });
  }

  /** Replaces the socket by another one. */
  replace(): void {
    if (!this.#closed) this.#wire.replace();
  }

  /** Gets a new token. Resolves when the connection has one, or is gone. */
  refresh(): Promise<void> {
    return this.#closed ? Promise.resolve() : this.#wire.refresh();
  }

  /**
   * Ends it: the socket is gone. Pending requests are rejected.
   *
   * With `oversize` the server closed it because a frame was too large. Of
   * several that was the largest. It is rejected, so that it is not sent again.
   */
  close(error: RoomcastError = lost(), oversize = false): void {
    this.#closed = true;
    if (oversize) this.#rejectLargest();
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
    for (const wake of this.#sleepers) wake();
  }

  #rejectLargest(): void {
    const sizes = [...this.#pending.values()].map((pending) => ({ pending, size: utf8Size(pending.sent.text) }));
    const [largest] = sizes.sort((a, b) => b.size - a.size);
    if (largest === undefined) return;
    const { pending, size } = largest;
    pending.reject(new RoomcastError("message_too_large", `the connection was closed over a frame of ${size} bytes (${pending.sent.action})`));
  }

  #unanswered = (pending: Pending, timeout: number, framesBefore: number | undefined): void => {
    pending.reject(pending.suspicion ?? new RoomcastError("timeout", `no reply to ${pending.sent.action} within ${timeout} ms`));
    // Nothing arrived at all: the network may be gone, which closes no connection.
    if (this.#frames === framesBefore) this.replace();
  };

  /**
   * Takes an error of API Gateway's. It does not say which request failed, so
   * any may have. A request that must not be sent twice waits for its reply,
   * unless it is the only one. Returns false if no request is pending.
   */
  #someFailed(error: RoomcastError): boolean {
    const { size } = this.#pending;
    for (const [clientId, pending] of this.#pending) {
      if (size > 1 && !Object.hasOwn(REPLIES, pending.sent.action)) {
        pending.suspicion = error;
        continue;
      }
      this.#pending.delete(clientId);
      pending.reject(error);
    }
    return size > 0;
  }

  /** The request that an error without a clientId is about: the server could not read it. Undefined unless exactly one is pending. */
  #unnamed(error: RoomcastError | undefined): Pending | undefined {
    if (error?.reaction !== "stop" || this.#pending.size !== 1) return undefined;
    return [...this.#pending.values()][0];
  }
}

/** Whether a frame with the request's clientId answers it. */
function fits(frame: Incoming, { action, roomId }: Outgoing): boolean {
  if (!Object.hasOwn(REPLIES, action)) return true;
  return isKnown(frame) && frame.type === REPLIES[action] && ("roomId" in frame ? frame.roomId : undefined) === roomId;
}

function isError(frame: Incoming): frame is ErrorFrame {
  return isKnown(frame) && frame.type === "error";
}

/** The error of a function of the application's own, which may lack the fields of Roomcast's errors. */
function ownError(frame: Incoming): RoomcastError | undefined {
  const { type, clientId, code, message } = frame as { [field: string]: unknown };
  if (type !== "error" || clientId === undefined) return undefined;
  return new RoomcastError(typeof code === "string" ? code : "error", typeof message === "string" ? message : "the function answered with an error");
}

function lost(): RoomcastError {
  return new RoomcastError("connection_lost", "the connection broke before the reply");
}

function newPending(sent: Outgoing): Pending {
  let functions: Pick<Pending, "resolve" | "reject">;
  const reply = new Promise<Incoming>((resolve, reject) => {
    functions = { resolve, reject };
  });
  return { sent, reply, ...functions! };
}
