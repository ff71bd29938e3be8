import type { RoomcastError } from "./errors.js";
import type { Frame } from "./frames.js";
import type { Cursor, Joined, Left, Message, Notification } from "./types.js";

/**
 * The state of the connection: `connecting` until one is open for the first
 * time, `open` when all rooms are joined on it, `reconnecting` from its loss
 * until it is open again, `closed` after close(). A planned rollover leaves it
 * `open`.
 */
export type ConnectionState = "connecting" | "open" | "reconnecting" | "closed";

/** Why the client cannot connect. It goes on trying. */
export interface Problem {
  /** How many attempts in a row have failed. */
  readonly attempts: number;
  /** What is wrong, as far as it is known; with `roomcast up`, what the local gateway says. For a developer. */
  readonly reason: string;
  /** What to check or to do. For a developer. */
  readonly hint: string;
  /** The HTTP status that refused the handshake, if it is known. */
  readonly status: number | undefined;
  /** The failure of the last attempt. */
  readonly error: RoomcastError;
}

/** The events of a room. */
export interface RoomEvents {
  /** The next message, also of this client: each once, in order of `seq`. */
  message: Message;
  /** Another user's cursor moved. A position older than one before is left out. */
  cursor: Cursor;
  /**
   * The room was joined, was joined again after a lost connection, or may have
   * missed messages. It precedes the messages that were sent meanwhile.
   */
  joined: Joined;
  /** The client is out of the room without leave(), and does not join it again until join(). What waited to be sent there is rejected. */
  left: Left;
}

/** The events of a client, those of all its rooms among them. */
export interface RoomcastEvents extends RoomEvents {
  /** The state of the connection changed. */
  state: ConnectionState;
  /**
   * A notification to this user: first what waited in the inbox, in order, then
   * what arrives; each once. It waits again for the next client until
   * acknowledge(). The inbox is read only if there is a listener.
   */
  notification: Notification;
  /** That many notifications, the oldest, were dropped unseen because the inbox was full. They are acknowledged when the listeners return. */
  dropped: number;
  /** A frame of a type that Roomcast does not have and that answers no request(): from a function of your own. */
  frame: Frame;
  /** The connection was replaced as planned. */
  rollover: void;
  /** Three attempts in a row to connect have failed, so the set-up may be wrong. Again when the reason changes. */
  problem: Problem;
  /**
   * A failure that no promise reports: an attempt to connect, a lost
   * connection, a token that could not be replaced, a refused cursor, a failure
   * inside API Gateway, a room that cannot be joined again, or not yet because
   * it is full.
   */
  error: RoomcastError;
}
