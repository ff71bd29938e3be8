/**
 * The wire format: docs/reference/protocol.md in TypeScript.
 *
 * The server's side of the same names, limits and codes is the Go package
 * internal/protocol; a Go test reads ERROR_CODES, ACTIONS and FRAME_TYPES below
 * and compares. What the frames hold is in frames.ts.
 */

import type { BatchFrame, OtherFrame, ServerFrame } from "./frames.js";
import { isWhole } from "./shapes.js";

/**
 * What is done about an error: send again, get a new token and send again, join
 * the room and send again, connect and send again, join without a position and
 * fetch again what is shown, nothing, fix the program, or show it to the user.
 * RoomcastClient does the first six by itself.
 */
export type ErrorAction = "retry" | "refresh" | "join" | "reconnect" | "refetch" | "ignore" | "stop" | "show";

/**
 * Every code that an error frame of the server can carry, and what to do about it.
 * One entry a line: a test on the server's side parses this table.
 */
export const ERROR_CODES = {
  bad_frame: { action: "stop", meaning: "not JSON, no object, nested too deeply, no well-formed Unicode, or without a string action" },
  unknown_action: { action: "stop", meaning: "no such action; the message lists those that there are, the routes of your own too" },
  bad_field: { action: "stop", meaning: "a field is missing, has the wrong type or breaks a limit" },
  message_too_large: { action: "show", meaning: "message or notification over 16 KiB, or over the stack's MaxMessageBytes" },
  room_required: { action: "stop", meaning: "no roomId, and the connection is not in exactly one room" },
  not_in_room: { action: "join", meaning: "the connection is not in that room" },
  not_connected: { action: "reconnect", meaning: "the server does not know this connection any more" },
  unknown_position: { action: "refetch", meaning: "since is beyond the room's newest message, or epoch is not the room's" },
  unknown_notification: { action: "ignore", meaning: "a notification is not in the user's inbox" },
  forbidden: { action: "show", meaning: "the token does not permit it" },
  token_expired: { action: "refresh", meaning: "the connection's token has ended" },
  bad_token: { action: "stop", meaning: "the token of a refresh is malformed, forged, expired or of another user" },
  rate_limited: { action: "retry", meaning: "more frames than the user, or the connection, may send; nothing of this one was done" },
  limit_reached: { action: "show", meaning: "the connection is in as many rooms, or the room has as many members, as there may be; of a cursorMove: as cursors may move among" },
  unavailable: { action: "retry", meaning: "the server could not do all of it now" },
} as const satisfies Record<string, { action: ErrorAction; meaning: string }>;

/** A code that the server is documented to send. */
export type ServerErrorCode = keyof typeof ERROR_CODES;

/** The requests that a client can make. */
export const ACTIONS = [
  "sendMessage",
  "join",
  "leave",
  "history",
  "cursorMove",
  "notify",
  "inbox",
  "ackNotification",
  "presence",
  "ping",
  "refresh",
] as const;

/** The name of a request. */
export type Action = (typeof ACTIONS)[number];

const FRAME_TYPES: ReadonlySet<string> = new Set<(ServerFrame | BatchFrame)["type"]>([
  "message",
  "ack",
  "joined",
  "left",
  "history",
  "cursor",
  "notification",
  "inbox",
  "presence",
  "pong",
  "refreshed",
  "error",
  "batch",
]);

/**
 * Reads a text from the server: the frames of a batch in their order, or the
 * one frame that it is.
 *
 * API Gateway's own frames have no type; they come back as an error frame with
 * the code `unavailable` and `gateway` true. What is no JSON object, or has a type that this
 * version does not know, is left out: a newer server may send more. So is a
 * frame that lacks what its type has to hold, and a batch within a batch, which
 * no server sends.
 */
export function parseFrames(text: string): readonly ServerFrame[] {
  return parseAll(text).filter(isKnown);
}

/** Reads a text from the server as parseFrames does, and keeps frames of other types. */
export function parseAll(text: string): readonly (ServerFrame | OtherFrame)[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  const batch = value as Partial<Record<keyof BatchFrame, unknown>> | null;
  const all: readonly unknown[] = batch?.type === "batch" && Array.isArray(batch.frames) ? batch.frames : [value];
  return all.map(frameOf).filter((frame) => frame !== undefined);
}

/** Whether a frame is one of Roomcast's own, with all that it has to hold. */
export function isKnown(frame: ServerFrame | OtherFrame): frame is ServerFrame {
  return isTypeKnown(frame) && isWhole(frame);
}

/** Whether a frame has one of Roomcast's types, be it whole or not. */
export function isTypeKnown(frame: ServerFrame | OtherFrame): boolean {
  return FRAME_TYPES.has(frame.type ?? "");
}

/** Makes a single frame of what was read; undefined where it is none. */
function frameOf(value: unknown): ServerFrame | OtherFrame | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const frame = value as { type?: unknown; message?: unknown; clientId?: unknown };
  if (frame.type === "batch") return undefined;
  // A route of the application's own may answer without a type; API Gateway names no clientId.
  if (frame.type !== undefined || frame.clientId !== undefined || typeof frame.message !== "string") return frame as OtherFrame;
  const why = frame.message === "Forbidden" ? ": the API has neither a route for the action nor $default" : "";
  return { type: "error", code: "unavailable", gateway: true, message: `API Gateway: ${frame.message}${why}` };
}
