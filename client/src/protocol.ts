/**
 * The wire format: docs/protocol.md in TypeScript.
 *
 * The server's side of the same names, limits and codes is the Go package
 * internal/protocol; a Go test reads ERROR_CODES and ACTIONS below and compares.
 */

/**
 * What a program does about an error: send again, join the room and send
 * again, connect and send again (RoomcastClient connects by itself), be fixed,
 * or show it to the user.
 */
export type ErrorAction = "retry" | "join" | "reconnect" | "stop" | "show";

/**
 * Every code that an error frame of the server can carry, and what to do about it.
 * One entry a line: a test on the server's side parses this table.
 */
export const ERROR_CODES = {
  bad_frame: { action: "stop", meaning: "not JSON, no object, nested too deeply, or without a string action" },
  unknown_action: { action: "stop", meaning: "no such action" },
  bad_field: { action: "stop", meaning: "a field is missing, has the wrong type or breaks a limit" },
  message_too_large: { action: "show", meaning: "message or notification over 16 KiB" },
  room_required: { action: "stop", meaning: "no roomId, and the connection is not in exactly one room" },
  not_in_room: { action: "join", meaning: "the connection is not in that room" },
  not_connected: { action: "reconnect", meaning: "the server does not know this connection any more" },
  unavailable: { action: "retry", meaning: "the server could not do it now; nothing is known to be written" },
} as const satisfies Record<string, { action: ErrorAction; meaning: string }>;

/** A code that the server is documented to send. */
export type ServerErrorCode = keyof typeof ERROR_CODES;

/** The requests that a client can make. */
export const ACTIONS = ["sendMessage", "join", "leave", "cursorMove", "notify", "presence", "ping"] as const;

/** The name of a request. */
export type Action = (typeof ACTIONS)[number];

/** A JSON value: what a notification may hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Where a cursor is: in a text, or on a plane in units that the application chooses. */
export type Position = { readonly line: number; readonly column: number } | { readonly x: number; readonly y: number };

/** A chat line of a room. */
export interface MessageFrame {
  readonly type: "message";
  readonly roomId: string;
  /** Counts the room's messages from 1: order by it. It may skip a number, where a send failed halfway. */
  readonly seq: number;
  /** Unique among all messages (a ULID). */
  readonly id: string;
  readonly userId: string;
  readonly message: string;
  /** Milliseconds since 1970 by the server's clock. */
  readonly timestamp: number;
}

/** What the acks of sendMessage and of notify have in common. */
export interface AckFrame {
  readonly type: "ack";
  readonly clientId: string;
  /** The id that the message or the notification was given (a ULID). */
  readonly id: string;
  /** Milliseconds since 1970 by the server's clock. */
  readonly timestamp: number;
}

/** The reply to sendMessage: the message is in the room's log. */
export interface MessageAck extends AckFrame {
  readonly roomId: string;
  readonly seq: number;
}

/** The reply to notify. */
export interface NotifyAck extends AckFrame {
  /** How many connections the notification reached. */
  readonly delivered: number;
}

/** The reply to join. */
export interface JoinedFrame {
  readonly type: "joined";
  readonly clientId?: string;
  readonly roomId: string;
  /** The number of the room's newest message; 0 in a room without any. */
  readonly seq: number;
  /** Changes when the room's log starts anew: a seq of another epoch means nothing. */
  readonly epoch: string;
  /** True only when `messages` holds every message after the `since` of the request. */
  readonly recovered: boolean;
  readonly messages: readonly MessageFrame[];
}

/** The reply to leave. */
export interface LeftFrame {
  readonly type: "left";
  readonly clientId?: string;
  readonly roomId: string;
}

/** Another member's cursor. Sent at most once and never stored. */
export interface CursorFrame {
  readonly type: "cursor";
  readonly roomId: string;
  readonly userId: string;
  readonly position: Position;
  readonly color?: string;
  /** Milliseconds since 1970 by the server's clock. */
  readonly timestamp: number;
}

/** A notification to this user. */
export interface NotificationFrame {
  readonly type: "notification";
  readonly id: string;
  /** Who sent it; absent when a service did. */
  readonly from?: string;
  readonly notification: Json;
  /** Milliseconds since 1970 by the server's clock. */
  readonly timestamp: number;
}

/** The reply to presence. */
export interface PresenceFrame {
  readonly type: "presence";
  readonly clientId?: string;
  readonly roomId: string;
  /** How many users (not connections) are in the room. */
  readonly count: number;
  /** At most 100 of them, in order. */
  readonly users: readonly string[];
}

/** The reply to ping. */
export interface PongFrame {
  readonly type: "pong";
  readonly clientId?: string;
  /** Milliseconds since 1970 by the server's clock. */
  readonly timestamp: number;
}

/** The reply to a request that was refused. */
export interface ErrorFrame {
  readonly type: "error";
  /** A ServerErrorCode, or one that a newer server knows. */
  readonly code: string;
  /** What is wrong, for a developer to read. */
  readonly message: string;
  /** The request's clientId; absent when the frame had none or could not be read. */
  readonly clientId?: string;
  /** When to send again, if at all. */
  readonly retryAfterMs?: number;
}

/** Every frame that a server sends. */
export type ServerFrame =
  | MessageFrame
  | MessageAck
  | NotifyAck
  | JoinedFrame
  | LeftFrame
  | CursorFrame
  | NotificationFrame
  | PresenceFrame
  | PongFrame
  | ErrorFrame;

/** What each request is answered with, when it is not refused; cursorMove has no answer. */
export interface Replies {
  readonly sendMessage: MessageAck;
  readonly join: JoinedFrame;
  readonly leave: LeftFrame;
  readonly notify: NotifyAck;
  readonly presence: PresenceFrame;
  readonly ping: PongFrame;
}

const FRAME_TYPES: ReadonlySet<string> = new Set<ServerFrame["type"]>([
  "message",
  "ack",
  "joined",
  "left",
  "cursor",
  "notification",
  "presence",
  "pong",
  "error",
]);

/**
 * Reads a text frame from the server.
 *
 * API Gateway's own frames have no type; they come back as an error frame with
 * the code `unavailable`. A frame that is no JSON object, or whose type this
 * version does not know, gives undefined: a newer server may send more.
 */
export function parseFrame(text: string): ServerFrame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const frame = value as { type?: unknown; message?: unknown };
  if (typeof frame.type === "string") {
    return FRAME_TYPES.has(frame.type) ? (frame as ServerFrame) : undefined;
  }
  if (typeof frame.message !== "string") return undefined;
  return { type: "error", code: "unavailable", message: `API Gateway: ${frame.message}` };
}
