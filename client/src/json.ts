import { RoomcastError } from "./errors.js";

/** The largest frame in bytes: API Gateway closes the connection on a larger one. */
export const MAX_FRAME = 32 * 1024;
/** The deepest nesting of objects and arrays in a frame. */
const MAX_DEPTH = 32;

const LONE_SURROGATE = /\p{Cs}/u;

/** Whether a text has a surrogate without its other half, which UTF-8 cannot hold. */
export function isBroken(text: string): boolean {
  return LONE_SURROGATE.test(text);
}

/** How many bytes of UTF-8 a text takes. (Not every platform has a TextEncoder.) */
export function utf8Size(text: string): number {
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // The two halves of a pair take four bytes together.
    if (unit > 0x7f) size += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return size;
}

/** What was thrown, in words. Never throws. */
export function describe(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return "an unknown reason";
  }
}

/**
 * Encodes a value of the application as JSON. Throws a RoomcastError if JSON
 * cannot hold it, also for what JSON.stringify would leave out or replace by
 * null. Only a property that is undefined counts as absent.
 */
export function encodeJson(field: string, value: unknown): string {
  let text: string | undefined;
  // A lower bound of the text's size, so that a text that no frame can hold is not made.
  let least = 0;
  try {
    text = JSON.stringify(value, function (this: unknown, key: string, given: unknown) {
      const part = unboxed(given);
      if (part !== undefined) least += 1 + (typeof part === "string" ? part.length : 0) + (Array.isArray(this) ? 0 : key.length);
      if (least > MAX_FRAME) throw tooLarge(field);
      const problem = problemOf(this, key, part);
      if (problem !== undefined) throw bad(`${field}: JSON cannot hold ${problem}${key === "" ? "" : ` (at ${JSON.stringify(key)})`}`);
      return part;
    });
  } catch (thrown) {
    throw thrown instanceof RoomcastError ? thrown : unencodable(field, thrown);
  }
  if (text === undefined) throw bad(`${field}: is missing`);
  return text;
}

/** Why JSON cannot hold a part of a value; undefined if it can. `part` is what its toJSON() returned, if it has one. */
function problemOf(holder: unknown, key: string, part: unknown): string | undefined {
  if (isBroken(key)) return "a key with a lone surrogate";
  switch (typeof part) {
    case "string":
      return isBroken(part) ? "a text with a lone surrogate" : undefined;
    case "number":
      return Number.isFinite(part) ? undefined : String(part);
    case "bigint":
      return "a BigInt: send it as a text";
    case "function":
    case "symbol":
      return `a ${typeof part}`;
    case "undefined":
      return Array.isArray(holder) ? "undefined in a list: use null" : undefined;
    case "object":
      if (part === null) return (holder as Record<string, unknown>)[key] instanceof Date ? "an invalid Date" : undefined;
      if (ArrayBuffer.isView(part)) return `a ${part.constructor.name}: send it as base64 or as a list of numbers`;
      return looksEmpty(part) ? `a ${part.constructor?.name || "special object"}, which would be sent as {}` : undefined;
    default:
      return undefined;
  }
}

/** The primitive in a Number or String object, which is what JSON.stringify encodes. */
function unboxed(part: unknown): unknown {
  if (part instanceof String) return String(part);
  return part instanceof Number ? Number(part) : part;
}

/** Whether an object has contents that are not properties, like a Map: JSON.stringify makes {} of it. */
function looksEmpty(object: object): boolean {
  if (Array.isArray(object) || Object.keys(object).length > 0) return false;
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return false;
  return !(object instanceof Boolean);
}

function unencodable(field: string, thrown: unknown): RoomcastError {
  const why = describe(thrown);
  if (/stack|recursion/i.test(why)) return tooDeep();
  return new RoomcastError("bad_field", `${field}: cannot be encoded as JSON: ${why}`, undefined, thrown);
}

/** Checks the text of a frame that is nested by the application. */
export function checkDepth(json: string): void {
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    if (depth > MAX_DEPTH) throw tooDeep();
  }
}

/** Checks that a frame fits, and returns it. */
export function checkSize(frame: string): string {
  const size = utf8Size(frame);
  if (size <= MAX_FRAME) return frame;
  throw new RoomcastError("message_too_large", `the frame must be at most ${MAX_FRAME} bytes, got ${size}`);
}

function tooLarge(field: string): RoomcastError {
  return new RoomcastError("message_too_large", `${field}: is too large for a frame of ${MAX_FRAME} bytes`);
}

function tooDeep(): RoomcastError {
  return new RoomcastError("bad_frame", `the frame must be nested at most ${MAX_DEPTH} levels deep`);
}

/** The refusal of an argument. */
export function bad(message: string): RoomcastError {
  return new RoomcastError("bad_field", message);
}
