import type { RoomcastError } from "./errors.js";
import type { CursorFrame, MessageFrame, NotificationFrame, OtherFrame } from "./frames.js";

/**
 * Where the connection stands: `connecting` on the first attempt, `open` when
 * all rooms are joined and requests go out at once, `reconnecting` from the
 * first failure until it is open again, `closed` for good after close(). A
 * planned rollover leaves it `open`.
 */
export type ConnectionState = "connecting" | "open" | "reconnecting" | "closed";

/** That a room was joined. */
export interface RoomJoined {
  readonly roomId: string;
  /**
   * True when the message events go on without a gap from the last one, or from
   * the `since` of subscribe(). With false messages may have been missed, or,
   * on the first join, there are older ones: history() has what the server keeps.
   */
  readonly recovered: boolean;
  /**
   * Where the message events go on: they are those after it; with `recovered`
   * false, for a user that may not read the history, those that still come.
   */
  readonly seq: number;
  /** The log that `seq` counts in. */
  readonly epoch: string;
}

/** That the client is out of a room that it was in, without leave(). */
export interface RoomLeft {
  readonly roomId: string;
  /** Why: `forbidden` when a newer token does not permit it; or why it could not be joined again. */
  readonly error: RoomcastError;
}

/** Why the client cannot connect. It goes on trying. */
export interface Problem {
  /** How many attempts in a row have failed. */
  readonly attempts: number;
  /** What is wrong, as far as it is known: on localhost what the local gateway says. For a developer. */
  readonly reason: string;
  /** What to check or to do about it. For a developer. */
  readonly hint: string;
  /** The HTTP status with which the handshake was refused, where that is known. */
  readonly status: number | undefined;
  /** The failure of the last attempt. */
  readonly error: RoomcastError;
}

/** What a client tells its listeners, by name. */
export interface RoomcastEvents {
  /** The connection state changed. */
  state: ConnectionState;
  /** The next message of one of the rooms, by this client too: each once, in the order of a room's seq. */
  message: MessageFrame;
  /** Somebody else moved the cursor in one of the rooms. A move that is older than one before, by its timestamp, is left out. */
  cursor: CursorFrame;
  /**
   * A notification for this user: those that waited in the inbox, in order,
   * then those that come; each once. They wait again for the next client until
   * acknowledge(). The inbox is read on every connection while there is a listener.
   */
  notification: NotificationFrame;
  /** So many notifications were dropped, the oldest, because the inbox was full. Told again to the next client until acknowledge(). */
  dropped: number;
  /**
   * A room was joined by join() or subscribe(), or again after a connection was
   * lost; or messages of it may have been missed. It comes before the messages
   * that were sent meanwhile.
   */
  joined: RoomJoined;
  /** The client is out of a room, and does not join it again until join() or subscribe() is called. What waited to be sent there is rejected. */
  left: RoomLeft;
  /** A frame of a type that Roomcast does not have, and that answers no request(): from a route or a function of the application's own. */
  frame: OtherFrame;
  /**
   * Three attempts in a row to connect have failed, so that the set-up may be
   * wrong: what is known of the reason, and what to check. Again when the reason changes.
   */
  problem: Problem;
  /**
   * Something went wrong that no promise tells: an attempt to connect that
   * failed or a connection that broke, a token that could not be replaced or
   * has ended, a refused cursor, a failure inside API Gateway, a room that
   * cannot be joined again, or not yet because it is full.
   */
  error: RoomcastError;
}
