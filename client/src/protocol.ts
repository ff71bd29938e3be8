import type { BatchFrame, Frame, ServerFrame } from "./frames.js";
import { isType, isWhole } from "./shapes.js";

/**
 * Reads a text from the server: the frames of a batch in their order, or its one
 * frame.
 *
 * A frame of API Gateway's own has no type; it becomes an error frame with the
 * code `unavailable` and `gateway` true. Left out are anything but JSON objects,
 * types that this version does not know, frames that lack a required field, and
 * a batch within a batch.
 */
export function parseFrames(text: string): readonly ServerFrame[] {
  return parseAll(text).filter(isKnown);
}

/** Reads a text from the server as parseFrames does, and keeps frames of other types. */
export function parseAll(text: string): readonly (ServerFrame | Frame)[] {
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

/** Whether a frame is one of Roomcast's own, with all required fields. */
export function isKnown(frame: ServerFrame | Frame): frame is ServerFrame {
  return isTypeKnown(frame) && isWhole(frame);
}

/** Whether a frame has one of Roomcast's types, complete or not. */
export function isTypeKnown(frame: ServerFrame | Frame): boolean {
  return isType(frame.type);
}

/** Makes a frame of a parsed value; undefined if it is not an object. */
function frameOf(value: unknown): ServerFrame | Frame | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const frame = value as { type?: unknown; message?: unknown; clientId?: unknown };
  if (frame.type === "batch") return undefined;
  // A route of the application's own may answer without a type; API Gateway names no clientId.
  if (frame.type !== undefined || frame.clientId !== undefined || typeof frame.message !== "string") return frame as Frame;
  return { type: "error", code: "unavailable", gateway: true, message: `API Gateway: ${frame.message}` };
}
