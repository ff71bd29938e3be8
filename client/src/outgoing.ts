import {
  checkColor,
  checkKey,
  checkMessage,
  checkNotification,
  checkPage,
  checkPosition,
  checkRoomId,
  checkText,
  checkUsers,
  isMissing,
  reading,
} from "./checks.js";
import { RoomcastError } from "./errors.js";
import type { CursorPosition } from "./frames.js";
import { newClientId } from "./ids.js";
import { REPLIES } from "./replies.js";
import { bad, checkDepth, checkSize, encodeJson } from "./json.js";
import type { Action } from "./generated.js";

/** A request of the application's own may take this many milliseconds. */
const MAX_TIMEOUT = 600_000;

/**
 * An encoded request. It is sent as it was when the application called, however
 * often: later changes to the arguments have no effect.
 */
export interface Outgoing<A extends string = string> {
  readonly action: A;
  readonly clientId: string;
  /** The room that the frame names, if any. */
  readonly roomId: string | undefined;
  /** The frame. */
  readonly text: string;
}

type Fields = { readonly roomId?: string; readonly [field: string]: unknown };

/** Encodes a request whose fields are valid. */
export function outgoing<A extends Action>(action: A, fields: Fields = {}, clientId = newClientId()): Outgoing<A> {
  return { action, clientId, roomId: fields.roomId, text: checkSize(JSON.stringify({ action, ...fields, clientId })) };
}

// What follows makes requests of an application's arguments, which may be
// anything. Each throws a RoomcastError if the server would refuse the frame.

/** The application's name for what is sent. */
type Named = { readonly idempotencyKey?: unknown } | null | undefined;

/** Makes a sendMessage. */
export function sendMessage(roomId: unknown, text: unknown, name?: Named): Outgoing<"sendMessage"> {
  return reading("sendMessage", () => {
    const clientId = checkKey(name?.idempotencyKey);
    return outgoing("sendMessage", { roomId: checkRoomId(roomId), message: checkMessage(text) }, clientId);
  });
}

/** Makes a notify. */
export function notify(users: unknown, data: unknown, name?: Named): Outgoing<"notify"> {
  return reading("notify", () => {
    const clientId = checkKey(name?.idempotencyKey) ?? newClientId();
    const to = checkUsers(users);
    const json = encodeJson("data", data);
    const text = `${JSON.stringify({ action: "notify", clientId, ...to }).slice(0, -1)},"notification":${json}}`;
    checkDepth(text);
    checkNotification(json);
    return { action: "notify", clientId, roomId: undefined, text: checkSize(text) };
  });
}

/** Makes a history. */
export function history(roomId: unknown, page?: { readonly before?: unknown; readonly limit?: unknown } | null): Outgoing<"history"> {
  return reading("history", () => outgoing("history", { roomId: checkRoomId(roomId), ...checkPage(page?.before, page?.limit) }));
}

/** Makes a presence. */
export function presence(roomId: unknown): Outgoing<"presence"> {
  return reading("presence", () => outgoing("presence", { roomId: checkRoomId(roomId) }));
}

/** Makes a request of an action that is the application's own. */
export function own(action: unknown, fields: unknown, name?: Named): Outgoing {
  return reading("request", () => {
    if (typeof action !== "string") throw new RoomcastError("bad_frame", "action: must be a string");
    checkText("action", action, 1, 128);
    if (action.startsWith("$")) throw bad(`action: ${JSON.stringify(action)} is a route of API Gateway's`);
    if (isRoomcasts(action)) throw bad(`action: ${JSON.stringify(action)} is one of Roomcast's: call its method`);
    const clientId = checkKey(name?.idempotencyKey) ?? newClientId();
    const json = isMissing(fields) ? "{}" : encodeJson("fields", fields);
    if (!json.startsWith("{")) throw bad("fields: must be an object");
    const head = JSON.stringify({ action, clientId });
    const text = json === "{}" ? head : `${head.slice(0, -1)},${json.slice(1)}`;
    checkDepth(text);
    checkNames(json);
    return { action, clientId, roomId: undefined, text: checkSize(text) };
  });
}

/** Checks that fields do not replace what the client adds, in any case of letters: Go does not distinguish them. */
function checkNames(json: string): void {
  const names = Object.keys(JSON.parse(json) as object);
  for (const own of ["action", "clientId"]) {
    if (names.some((name) => name.toLowerCase() === own.toLowerCase())) throw bad(`fields: must not contain ${own}, which the client adds`);
  }
}

/** Checks how many milliseconds a request of the application's own may take. Default: `standard`. */
export function checkTimeout(timeout: unknown, standard: number): number {
  if (isMissing(timeout)) return standard;
  if (typeof timeout === "number" && timeout >= 1 && timeout <= MAX_TIMEOUT) return timeout;
  throw bad(`timeout: must be a number of milliseconds from 1 to ${MAX_TIMEOUT}`);
}

function isRoomcasts(action: string): boolean {
  return action === "cursorMove" || Object.hasOwn(REPLIES, action);
}

/** A move of a cursor that may be sent. */
export interface Move {
  readonly position: CursorPosition;
  readonly color: string | undefined;
}

/** Makes a move of a cursor. */
export function move(position: unknown, color: unknown): Move {
  return reading("position", () => ({ position: checkPosition(position), color: checkColor(color) }));
}
