import type { BatchFrame, OtherFrame, ServerFrame } from "./frames.js";
import { isType, isWhole } from "./shapes.js";

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
  return isType(frame.type);
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
