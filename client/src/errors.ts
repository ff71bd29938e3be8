import { ERROR_CODES, type ErrorAction, type ServerErrorCode } from "./protocol.js";

/** What can go wrong on the client's side, and what to do about it. */
export const CLIENT_ERROR_CODES = {
  timeout: { action: "retry", meaning: "no reply in time, on whatever connection; the request may have been carried out" },
  connect_failed: { action: "retry", meaning: "an attempt to connect failed; the next follows by itself" },
  connection_lost: { action: "retry", meaning: "the connection broke; another one follows by itself, and takes the requests along" },
  refresh_failed: { action: "retry", meaning: "the option token gave no new token for an open connection; it is asked again" },
  queue_full: { action: "retry", meaning: "too many requests have no reply yet; this one was not sent" },
  outcome_unknown: { action: "show", meaning: "a message has no ack and cannot be sent again safely; it may be in the log" },
  left: { action: "stop", meaning: "leave() was called before the room was joined" },
  closed: { action: "stop", meaning: "close() was called" },
} as const satisfies Record<string, { action: ErrorAction; meaning: string }>;

/** A code that the client gives an error of its own. */
export type ClientErrorCode = keyof typeof CLIENT_ERROR_CODES;

/** Every code that a RoomcastError is documented to carry. */
export type ErrorCode = ServerErrorCode | ClientErrorCode;

const CODES: Readonly<Record<string, { action: ErrorAction }>> = { ...ERROR_CODES, ...CLIENT_ERROR_CODES };

/** What to do about a code; `stop` for an unknown one. */
export function errorAction(code: string): ErrorAction {
  return Object.hasOwn(CODES, code) ? CODES[code]!.action : "stop";
}

/** Why a request failed. */
export class RoomcastError extends Error {
  override readonly name = "RoomcastError";
  /** An ErrorCode, or one that a newer server knows. */
  readonly code: string;
  /** What to do about it; `stop` for an unknown code. */
  readonly action: ErrorAction;
  /** When to send again in milliseconds, where the server said so. */
  readonly retryAfterMs: number | undefined;

  /** Makes an error; `cause` is what it comes from, where that is known. */
  constructor(code: string, message: string, retryAfterMs?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.action = errorAction(code);
    this.retryAfterMs = retryAfterMs;
  }
}

/** What a request is rejected with once the client is closed. */
export const closed = (): RoomcastError => new RoomcastError("closed", "the client was closed");
