import { RoomcastError } from "./errors.js";
import type { Replies, ServerFrame } from "./frames.js";
import { newClientId } from "./ids.js";
import type { Action } from "./protocol.js";

/** What answers each request. */
const REPLIES: Readonly<Record<keyof Replies, ServerFrame["type"]>> = {
  sendMessage: "ack",
  join: "joined",
  leave: "left",
  history: "history",
  notify: "ack",
  inbox: "inbox",
  ackNotification: "ack",
  presence: "presence",
  ping: "pong",
  refresh: "refreshed",
};

interface Pending {
  /** Whether a frame with the request's clientId is the answer to it. */
  fits(frame: ServerFrame): boolean;
  readonly reply: Promise<ServerFrame>;
  resolve(reply: ServerFrame): void;
  reject(error: RoomcastError): void;
}

/** What a Connection needs of the socket under it. */
export interface Wire {
  /** Sends a text frame. */
  send(text: string): void;
  /** How many bytes were sent that the network has not taken yet. */
  backlog(): number;
  /** Gives the socket up for another: it seems to be dead, or the server does not know it. */
  replace(): void;
  /** Gets the connection a new token; resolves when it has one, or is gone. */
  refresh(): Promise<void>;
}

/**
 * One open socket, from its opening to its end, and the requests on it that
 * have no reply yet. A reply is found by its clientId.
 */
export class Connection {
  /** The rooms that it is in, as the server has said. */
  readonly joined = new Set<string>();
  /** The rooms that it was to join: it may be in them. */
  readonly asked = new Set<string>();
  /** When it was last asked to leave a room, by the room's id. */
  readonly left = new Map<string, number>();
  /** When it was opened, by Date.now(). */
  readonly openedAt = Date.now();
  /** Whether it is to take over from one that still works. */
  planned = false;
  /** Whether its token has ended: the server takes nothing on it before it has a new one. */
  expired = false;
  readonly #wire: Wire;
  readonly #timeout: number;
  readonly #pending = new Map<string, Pending>();
  readonly #sleepers = new Set<() => void>();
  #closed = false;
  #frames = 0;

  /** Makes the connection of a socket that has just opened; a reply may take `timeout` milliseconds. */
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

  /** How many bytes were sent that the network has not taken yet. */
  get backlog(): number {
    return this.#wire.backlog();
  }

  /** Sends a frame that has no reply; it is dropped when the connection is gone. */
  send(frame: { readonly action: Action; readonly [field: string]: unknown }): void {
    if (!this.#closed) this.#wire.send(JSON.stringify(frame));
  }

  /**
   * Sends a request once and promises its reply. It is rejected with
   * `timeout`, `connection_lost` or the server's error.
   */
  async request<A extends keyof Replies>(
    action: A,
    fields: { readonly roomId?: string; readonly [field: string]: unknown },
    clientId = newClientId(),
  ): Promise<Replies[A]> {
    if (this.#closed) throw lost();
    const pending = newPending((frame) => {
      const roomId = "roomId" in frame ? frame.roomId : undefined;
      return frame.type === "error" || (frame.type === REPLIES[action] && roomId === fields.roomId);
    });
    this.#pending.set(clientId, pending);
    const timer = setTimeout(this.#unanswered, this.#timeout, action, pending, this.#frames);
    this.send({ action, ...fields, clientId });
    try {
      return (await pending.reply) as Replies[A];
    } finally {
      clearTimeout(timer);
      if (this.#pending.get(clientId) === pending) this.#pending.delete(clientId);
    }
  }

  /** Settles with the request of that name that has no reply yet; undefined when there is none. */
  pending(clientId: string): Promise<unknown> | undefined {
    return this.#pending.get(clientId)?.reply.catch(() => undefined);
  }

  /** Takes a frame that came. True when it is a reply, be it to a request that is given up already. */
  receive(frame: ServerFrame): boolean {
    this.#frames++;
    if (frame.type === "error" && frame.gateway === true) {
      // API Gateway says that some function failed, not which request it was: all may have been.
      const nobody = this.idle;
      this.#failAll(new RoomcastError(frame.code, frame.message, frame.retryAfterMs));
      return !nobody;
    }
    const clientId = "clientId" in frame ? frame.clientId : undefined;
    if (clientId === undefined) return false;
    const pending = this.#pending.get(clientId);
    // The late answer to a copy of an earlier request of that name.
    if (pending?.fits(frame) === false) return true;
    this.#pending.delete(clientId);
    if (frame.type === "error") pending?.reject(new RoomcastError(frame.code, frame.message, frame.retryAfterMs));
    else pending?.resolve(frame);
    return true;
  }

  /** Waits so many milliseconds, or until the connection is gone. */
  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      if (this.#closed) wake();
      else this.#sleepers.add(wake);
    });
  }

  /** Gives up the socket for another one. */
  replace(): void {
    if (!this.#closed) this.#wire.replace();
  }

  /** Gets it a new token; resolves when it has one, or is gone. */
  refresh(): Promise<void> {
    return this.#closed ? Promise.resolve() : this.#wire.refresh();
  }

  /** Ends it: the socket is gone. Requests without a reply are rejected. */
  close(error: RoomcastError = lost()): void {
    this.#closed = true;
    this.#failAll(error);
    for (const wake of this.#sleepers) wake();
  }

  #unanswered = (action: Action, pending: Pending, framesBefore: number): void => {
    pending.reject(new RoomcastError("timeout", `no reply to ${action} within ${this.#timeout} ms`));
    // Nothing at all has come: the network may have gone away, which closes no connection.
    if (this.#frames === framesBefore) this.replace();
  };

  #failAll(error: RoomcastError): void {
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }
}

function lost(): RoomcastError {
  return new RoomcastError("connection_lost", "the connection broke before the reply");
}

function newPending(fits: Pending["fits"]): Pending {
  let settle: Pick<Pending, "resolve" | "reject">;
  const reply = new Promise<ServerFrame>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { fits, reply, ...settle! };
}
