import type { RoomcastError } from "./errors.js";
import type { CursorFrame, JoinedFrame, MessageFrame, NotificationFrame } from "./protocol.js";

/**
 * Where the connection stands: `connecting` on the first attempt, `open` when
 * all rooms are joined and requests go out at once, `reconnecting` from the
 * first failure until it is open again, `closed` for good after close().
 */
export type ConnectionState = "connecting" | "open" | "reconnecting" | "closed";

/** What a client tells its listeners, by name. */
export interface RoomcastEvents {
  /** The connection state changed. */
  state: ConnectionState;
  /** A message was sent to one of the rooms, by this client too. One that comes twice (by its id, among the last 1,000) is told once. */
  message: MessageFrame;
  /** Somebody else moved the cursor in one of the rooms. */
  cursor: CursorFrame;
  /** A notification came for this user. One that comes twice (by its id, among the last 1,000) is told once. */
  notification: NotificationFrame;
  /** A room was joined, by join() or again after a reconnect; with `recovered` false messages may have been missed. */
  joined: JoinedFrame;
  /** Something went wrong that no promise tells: a refused cursor, a failure inside API Gateway, a room that cannot be joined again. */
  error: RoomcastError;
}
