import type { ServerFrame } from "./frames.js";
import type { FrameType } from "./generated.js";

/** Whether a value is valid for a field. */
type Shape = (value: unknown) => boolean;

const text: Shape = (value) => typeof value === "string";
const number: Shape = (value) => typeof value === "number" && Number.isFinite(value);
const flag: Shape = (value) => typeof value === "boolean";
const optional = (shape: Shape): Shape => (value) => value === undefined || shape(value);
const list = (shape: Shape): Shape => (value) => Array.isArray(value) && value.every(shape);
const object = (fields: Readonly<Record<string, Shape>>): Shape => (value) =>
  typeof value === "object" && value !== null && Object.entries(fields).every(([name, shape]) => shape((value as Record<string, unknown>)[name]));

const message = { roomId: text, seq: number, id: text, userId: text, message: text, timestamp: number };
const page = { roomId: text, seq: number, epoch: text, recovered: flag, messages: list(object(message)) };

/** The required fields of each frame. The client drops a frame that lacks one. */
const SHAPES: Readonly<Record<FrameType, Shape>> = {
  message: object(message),
  ack: object({ clientId: text, id: optional(text), ids: optional(list(text)) }),
  joined: object(page),
  left: object({ roomId: text }),
  history: object(page),
  cursor: object({ roomId: text, userId: text, position: object({}) }),
  notification: object({ id: text }),
  inbox: object({ notifications: list(object({ id: text })) }),
  presence: object({ roomId: text, count: number, users: list(text) }),
  pong: object({ rooms: optional(list(object({ roomId: text, member: flag }))) }),
  refreshed: object({ expiresAt: number, left: optional(list(text)) }),
  error: object({ code: text, message: text, retryAfterMs: optional(number) }),
  // parseAll() takes a batch apart; a batch within a batch is dropped.
  batch: () => false,
};

/** Whether a frame is one of Roomcast's own, with all required fields. */
export function isWhole(frame: { readonly type?: unknown }): frame is ServerFrame {
  return isType(frame.type) && SHAPES[frame.type](frame);
}

/** Whether a type is one of Roomcast's own. */
export function isType(type: unknown): type is FrameType {
  return typeof type === "string" && Object.hasOwn(SHAPES, type);
}
