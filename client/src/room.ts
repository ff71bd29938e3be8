import type { JoinedFrame, Position } from "./protocol.js";
import type { Seen } from "./seen.js";
import type { Throttle } from "./throttle.js";

/** What a client knows of a room that it is in or on the way into. */
export interface Room {
  /** Whether the application wants to be in it; false while it is being left. */
  wanted: boolean;
  /** The join that has no answer yet. */
  entering?: Promise<JoinedFrame>;
  /** The number of the connection on which it was joined last. */
  connection?: number;
  /** How far its messages were seen. */
  readonly seen: Seen;
  cursor?: Throttle<{ position: Position; color: string | undefined }>;
}
