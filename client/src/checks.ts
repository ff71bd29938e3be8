import { RoomcastError } from "./errors.js";
import type { CursorPosition, Position } from "./frames.js";
import { bad, describe, isBroken, utf8Size } from "./json.js";

/** The server's limits; docs/reference/protocol.md lists them. */
const MAX_NAME = 128;
const MAX_KEY = 64;
const MAX_MESSAGE = 16 * 1024;
const MAX_MESSAGE_JSON = 28 * 1024;
const MAX_COLOR = 32;
const MAX_EPOCH = 64;
const MAX_ID = 64;
const MAX_USERS = 100;
const MAX_HISTORY = 100;

const CONTROL = /\p{Cc}/u;

/** Runs a check of arguments. What reading them throws becomes a RoomcastError. */
export function reading<T>(what: string, check: () => T): T {
  try {
    return check();
  } catch (thrown) {
    if (thrown instanceof RoomcastError) throw thrown;
    throw new RoomcastError("bad_field", `${what}: could not be read: ${describe(thrown)}`, undefined, thrown);
  }
}

/** Whether an argument is left out: null counts as missing, as in a frame. */
export function isMissing(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

/** Checks the name of a room. */
export function checkRoomId(roomId: unknown): string {
  return checkText("roomId", roomId, 1, MAX_NAME);
}

/** Checks an idempotency key; undefined where it is left out. */
export function checkKey(key: unknown): string | undefined {
  return isMissing(key) ? undefined : checkText("idempotencyKey", key, 1, MAX_KEY);
}

/** Checks the text of a message. */
export function checkMessage(text: unknown): string {
  if (typeof text !== "string") throw wrongType("text", "a string", text);
  if (text === "") throw bad("text: must not be empty");
  const size = utf8Size(text);
  if (size > MAX_MESSAGE) throw tooLarge(`text: must be at most ${MAX_MESSAGE} bytes of UTF-8, got ${size}`);
  if (isBroken(text)) throw loneSurrogate("text");
  const encoded = sizeOnServer(text);
  if (encoded > MAX_MESSAGE_JSON) throw tooLarge(`text: must be at most ${MAX_MESSAGE_JSON} bytes in JSON, got ${encoded}`);
  return text;
}

/** Checks the JSON of a notification. */
export function checkNotification(json: string): string {
  const size = utf8Size(json);
  if (size > MAX_MESSAGE) throw tooLarge(`data: must be at most ${MAX_MESSAGE} bytes of JSON, got ${size}`);
  return json;
}

/** How many bytes a text takes in the server's JSON, with a comma after it. It escapes two characters more than JSON.stringify. */
export function sizeOnServer(text: string): number {
  let separators = 0;
  for (const _ of text.matchAll(/[\u2028\u2029]/g)) separators++;
  return utf8Size(JSON.stringify(text)) + 3 * separators + 1;
}

/** Checks the users that a notification is for: one, or a list. */
export function checkUsers(users: unknown): { readonly userId: string } | { readonly userIds: readonly string[] } {
  if (!Array.isArray(users)) return { userId: checkText("userId", users, 1, MAX_NAME) };
  if (users.length < 1 || users.length > MAX_USERS) throw bad(`userIds: must name 1 to ${MAX_USERS} users, got ${users.length}`);
  return { userIds: Array.from(users, (user, i) => checkText(`userIds[${i}]`, user, 1, MAX_NAME)) };
}

/** Checks the ids of notifications. */
export function checkIds(ids: unknown): readonly string[] {
  const list: unknown = typeof ids === "string" ? [ids] : ids;
  if (!Array.isArray(list)) throw wrongType("ids", "a string or an array of strings", ids);
  return Array.from(list, (id, i) => checkText(`ids[${i}]`, id, 1, MAX_ID));
}

/** Checks the page of a room's log that is requested. */
export function checkPage(before: unknown, limit: unknown): { readonly before: number | undefined; readonly limit: number | undefined } {
  return {
    before: isMissing(before) ? undefined : checkWhole("before", before, 1, Number.MAX_SAFE_INTEGER),
    limit: isMissing(limit) ? undefined : checkWhole("limit", limit, 1, MAX_HISTORY),
  };
}

/** Checks a stored position; undefined if it is left out. */
export function checkSince(since: unknown): Position | undefined {
  if (isMissing(since)) return undefined;
  if (typeof since !== "object") throw wrongType("since", "a position such as {seq: 7, epoch: \"01J…\"}, as room.position has it", since);
  const { seq, epoch } = since as { seq?: unknown; epoch?: unknown };
  const checked = {
    seq: checkWhole("since.seq", seq, 0, Number.MAX_SAFE_INTEGER),
    epoch: isMissing(epoch) ? "" : checkText("since.epoch", epoch, 0, MAX_EPOCH),
  };
  if (checked.seq > 0 && checked.epoch === "") throw bad("since.epoch: is missing: a seq counts in one epoch only");
  return checked;
}

/** Checks a cursor's position, and returns only its fields. */
export function checkPosition(position: unknown): CursorPosition {
  const { line, column, x, y } = (position ?? {}) as Record<string, unknown>;
  const text = !isMissing(line) || !isMissing(column);
  const plane = !isMissing(x) || !isMissing(y);
  const [a, b] = text ? [line, column] : [x, y];
  if (text === plane || !Number.isFinite(a) || !Number.isFinite(b)) {
    throw bad("position: must be either {line, column} or {x, y}, each a finite number");
  }
  return text ? { line: a as number, column: b as number } : { x: a as number, y: b as number };
}

/** Checks a cursor's color; undefined where it is left out. */
export function checkColor(color: unknown): string | undefined {
  return isMissing(color) ? undefined : checkText("color", color, 0, MAX_COLOR);
}

/** Checks a short text of `min` to `max` characters. */
export function checkText(field: string, text: unknown, min: number, max: number): string {
  if (isMissing(text)) throw bad(`${field}: is missing`);
  if (typeof text !== "string") throw wrongType(field, "a string", text);
  const count = characters(text);
  if (count < min || count > max) throw bad(`${field}: must be ${min} to ${max} characters, got ${count}`);
  if (isBroken(text)) throw loneSurrogate(field);
  if (CONTROL.test(text)) throw bad(`${field}: must not contain control characters`);
  return text;
}

/** How many characters (code points) a text has. */
function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function checkWhole(field: string, value: unknown, min: number, max: number): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  throw bad(`${field}: must be a whole number from ${min} to ${max}, got ${typeof value === "number" ? value : kind(value)}`);
}

function wrongType(field: string, want: string, value: unknown): RoomcastError {
  return isMissing(value) ? bad(`${field}: is missing`) : bad(`${field}: must be ${want}, got ${kind(value)}`);
}

function loneSurrogate(field: string): RoomcastError {
  return bad(`${field}: must be well-formed Unicode, got a lone surrogate`);
}

function tooLarge(message: string): RoomcastError {
  return new RoomcastError("message_too_large", `${message}`);
}

/** Names a value's type, and never the value. */
function kind(value: unknown): string {
  if (value === null) return "null";
  try {
    return Array.isArray(value) ? "array" : typeof value;
  } catch {
    // A proxy that was revoked.
    return typeof value;
  }
}
