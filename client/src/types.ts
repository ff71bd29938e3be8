import type { RoomcastError } from "./errors.js";
import type { CursorFrame, CursorPosition, HistoryFrame, Json, MessageAck, RoomMessage, NotificationFields, NotifyAck, Position, PresenceFrame } from "./frames.js";

/** A message of a room. */
export interface Message {
  readonly roomId: string;
  /** Counts the room's messages, from 1. Numbers may be skipped. */
  readonly seq: number;
  /** Unique among all messages (a ULID). */
  readonly id: string;
  /** The user who sent it. */
  readonly userId: string;
  readonly text: string;
  /** When the server accepted it: milliseconds since 1970. */
  readonly timestamp: number;
}

/** A notification to this user. */
export interface Notification {
  /** Unique among all notifications (a ULID). */
  readonly id: string;
  /** The user who sent it, or the name that a service gave as its sender. */
  readonly userId: string;
  readonly data: Json;
  /** When the server accepted it: milliseconds since 1970. */
  readonly timestamp: number;
}

/** Another user's cursor. */
export interface Cursor {
  readonly roomId: string;
  readonly userId: string;
  readonly position: CursorPosition;
  readonly color?: string;
  /** When the server received it: milliseconds since 1970. */
  readonly timestamp: number;
}

/** What send() resolves with: the message is in the room's log. */
export interface Receipt {
  readonly roomId: string;
  readonly seq: number;
  readonly id: string;
  readonly idempotencyKey: string;
  /** When the server accepted the message: milliseconds since 1970. */
  readonly timestamp: number;
}

/** What notify() resolves with: the notification is in the inboxes. */
export interface NotificationReceipt {
  readonly id: string;
  readonly idempotencyKey: string;
  /** How many connections the notification reached at once. */
  readonly delivered: number;
  /** When the server accepted the notification: milliseconds since 1970. */
  readonly timestamp: number;
}

/** A room was joined. */
export interface Joined {
  readonly roomId: string;
  /**
   * The message events are those after it. With `recovered` false, a user
   * without the permission `history` gets those that still arrive.
   */
  readonly position: Position;
  /**
   * True if no message is missing since the last one, or since the position
   * given to join(). False if messages may have been missed and, on the first
   * join without a position, if there are older ones: history() has them.
   */
  readonly recovered: boolean;
}

/** The client is out of a room that it did not leave. */
export interface Left {
  readonly roomId: string;
  /** Why: `forbidden` if a newer token does not permit the room, or why it could not be joined again. */
  readonly error: RoomcastError;
}

/** Messages of a room's log. */
export interface Page {
  readonly roomId: string;
  /** In order of `seq`. */
  readonly messages: readonly Message[];
  /** Pass it to history() for the page before this one. */
  readonly before: number;
  /** The log that `seq` counts in; "" for a room without a message. */
  readonly epoch: string;
  /** Whether there are older messages. */
  readonly more: boolean;
}

/** Who is in a room. */
export interface Presence {
  readonly roomId: string;
  /** How many users, not connections. */
  readonly count: number;
  /** At most 100 of them, sorted. */
  readonly users: readonly string[];
}

// What follows makes these of frames.

export function messageOf({ roomId, seq, id, userId, message, timestamp }: RoomMessage): Message {
  return { roomId, seq, id, userId, text: message, timestamp };
}

export function notificationOf({ id, from = "", notification, timestamp }: NotificationFields): Notification {
  return { id, userId: from, data: notification, timestamp };
}

export function cursorOf({ type: _, ...cursor }: CursorFrame): Cursor {
  return cursor;
}

export function receiptOf(ack: MessageAck): Receipt;
export function receiptOf(ack: NotifyAck): NotificationReceipt;
export function receiptOf({ type: _, clientId, ...ack }: MessageAck | NotifyAck): object {
  return { ...ack, idempotencyKey: clientId };
}

export function pageOf({ roomId, messages, seq, epoch, more = false }: HistoryFrame): Page {
  return { roomId, messages: messages.map(messageOf), before: seq, epoch, more };
}

export function presenceOf({ roomId, count, users }: PresenceFrame): Presence {
  return { roomId, count, users };
}
