import { RoomcastError } from "./errors.js";
import type { ErrorFrame, OtherFrame, Replies, ServerFrame } from "./frames.js";
import { utf8Size } from "./json.js";
import type { Outgoing } from "./outgoing.js";
import { isKnown } from "./protocol.js";

/** A timer takes no more milliseconds. */
const MAX_TIMEOUT = 2 ** 31 - 1;

/** What answers each request. */
const REPLIES: Readonly<Record<string, ServerFrame["type"]>> & Readonly<Record<keyof Replies, ServerFrame["type"]>> = {
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

/** A frame that came. */
type Incoming = ServerFrame | OtherFrame;

/** What answers a request of an action; the application's own may be answered by anything. */
type Reply<A extends string> = A extends keyof Replies ? Replies[A] : Incoming;

interface Pending {
  readonly sent: Outgoing;
  readonly reply: Promise<Incoming>;
  resolve(reply: Incoming): void;
  reject(error: RoomcastError): void;
  /** What API Gateway said of some request, which may have been this one. */
  suspicion?: RoomcastError;
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
  send(text: string): void {
    if (!this.#closed) this.#wire.send(text);
  }

  /**
   * Sends a request once and promises its reply, which may take `timeout`
   * milliseconds. It is rejected with `timeout`, `connection_lost`,
   * `message_too_large` or the server's error. Without `mayReplace` a connection
   * that stayed silent all the time is kept.
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

  /** Settles with the request of that name that has no reply yet; undefined when there is none. */
  pending(clientId: string): Promise<unknown> | undefined {
    return this.#pending.get(clientId)?.reply.catch(() => undefined);
  }

  /** Takes a frame that came. True when it is a reply, be it to a request that is given up already. */
  receive(frame: Incoming): boolean {
    this.#frames++;
    const clientId = "clientId" in frame ? frame.clientId : undefined;
    const error = isError(frame) ? new RoomcastError(frame.code, frame.message, frame.retryAfterMs) : ownError(frame);
    if (isError(frame) && frame.gateway === true) return this.#someFailed(error!);
    const pending = clientId === undefined ? this.#unnamed(error) : this.#pending.get(clientId);
    if (pending === undefined) return clientId !== undefined && isKnown(frame);
    // The late answer to a copy of an earlier request of that name.
    if (error === undefined && !fits(frame, pending.sent)) return true;
    this.#pending.delete(pending.sent.clientId);
    if (error !== undefined) pending.reject(error);
    else pending.resolve(frame);
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
      const timer = setTimeout(wake, Math.min(MAX_TIMEOUT, milliseconds));
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

  /**
   * Ends it: the socket is gone. Requests without a reply are rejected.
   *
   * `oversize` says that the server closed it over the size of a frame. That was
   * the largest one, if there were several: were it not too large, none was. It
   * is rejected so that it is not sent again.
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
    pending.reject(new RoomcastError("message_too_large", `the connection was closed over a frame of ${size} bytes (${pending.sent.action}): send less, or in parts`));
  }

  #unanswered = (pending: Pending, timeout: number, framesBefore: number | undefined): void => {
    pending.reject(pending.suspicion ?? new RoomcastError("timeout", `no reply to ${pending.sent.action} within ${timeout} ms`));
    // Nothing at all has come: the network may have gone away, which closes no connection.
    if (this.#frames === framesBefore) this.replace();
  };

  /**
   * Takes API Gateway's word that some function failed: not which request it
   * was, so all may have been. One that must not be sent twice waits for its
   * reply, unless it is the only one. False when there is none.
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

  /** The request that an error without a clientId is about: one that the server could not read, if only one is under way. */
  #unnamed(error: RoomcastError | undefined): Pending | undefined {
    if (error?.reaction !== "stop" || this.#pending.size !== 1) return undefined;
    return [...this.#pending.values()][0];
  }
}

/** Whether a frame with the request's clientId is the answer to it. */
function fits(frame: Incoming, { action, roomId }: Outgoing): boolean {
  if (!Object.hasOwn(REPLIES, action)) return true;
  return isKnown(frame) && frame.type === REPLIES[action] && ("roomId" in frame ? frame.roomId : undefined) === roomId;
}

function isError(frame: Incoming): frame is ErrorFrame {
  return isKnown(frame) && frame.type === "error";
}

/** The error of a function of the application's own, which may lack what Roomcast's errors have. */
function ownError(frame: Incoming): RoomcastError | undefined {
  const { type, clientId, code, message } = frame as { [field: string]: unknown };
  if (type !== "error" || clientId === undefined) return undefined;
  return new RoomcastError(typeof code === "string" ? code : "error", typeof message === "string" ? message : "the function answered with an error");
}

function lost(): RoomcastError {
  return new RoomcastError("connection_lost", "the connection broke before the reply");
}

function newPending(sent: Outgoing): Pending {
  let settle: Pick<Pending, "resolve" | "reject">;
  const reply = new Promise<Incoming>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { sent, reply, ...settle! };
}
