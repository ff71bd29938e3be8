import { REACTIONS, type ErrorCode, type Reaction } from "./generated.js";

/** What a code calls for; `stop` for an unknown one. */
export function reactionTo(code: string): Reaction {
  return (Object.hasOwn(REACTIONS, code) && REACTIONS[code as ErrorCode]) || "stop";
}

/** Why a request failed. */
export class RoomcastError extends Error {
  override readonly name = "RoomcastError";
  /** An ErrorCode, or a code of a newer server or of the application's own functions. */
  readonly code: ErrorCode | (string & {});
  /** What the code calls for; `stop` for an unknown one. */
  readonly reaction: Reaction;
  /** How long to wait before sending again, in milliseconds, if the server said so. */
  readonly retryAfterMs: number | undefined;

  /** Makes an error; `cause` is the error behind it, if there is one. */
  constructor(code: ErrorCode | (string & {}), message: string, retryAfterMs?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.reaction = reactionTo(code);
    this.retryAfterMs = retryAfterMs;
  }
}

/** What a request is rejected with once the client is closed. */
export const closed = (): RoomcastError => new RoomcastError("closed", "the client was closed");
