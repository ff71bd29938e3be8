/** The frames of the wire format. docs/reference/protocol.md explains their fields. */

/** A JSON value: what a notification may hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** How far the messages of a room were delivered: all up to `seq`. Store it as JSON. */
export interface Position {
  /** The seq of the last message; 0 before the first. */
  readonly seq: number;
  /** The log that `seq` counts in; "" for a room without a message. */
  readonly epoch: string;
}

/** Where a cursor is: in a text, or on a plane in units of your choice. */
export type CursorPosition = { readonly line: number; readonly column: number } | { readonly x: number; readonly y: number };

/** A message of a room, in a frame of its own and in a page. */
export interface RoomMessage {
  readonly roomId: string;
  /** Counts the room's messages from 1: order by it. Numbers may be skipped. */
  readonly seq: number;
  /** Unique among all messages (a ULID). */
  readonly id: string;
  readonly userId: string;
  readonly message: string;
  /** Milliseconds since 1970 by the server's clock. */
  readonly timestamp: number;
}

/** A message to a room that the connection is in. */
export interface MessageFrame extends RoomMessage {
  readonly type: "message";
}

/** What the acks of sendMessage and of notify have in common. */
export interface AckFrame {
  readonly type: "ack";
  /** The clientId of the request. */
  readonly clientId: string;
  /** The id of the message or the notification (a ULID). */
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

/** The reply to ackNotification. */
export interface InboxAck {
  readonly type: "ack";
  readonly clientId: string;
  readonly ids: readonly string[];
}

/** A part of a room's log that fits in one frame. */
export interface PageFields {
  readonly clientId?: string;
  readonly roomId: string;
  /** Where the page ends; for a page of older messages, where it begins. */
  readonly seq: number;
  /** Changes when the room's log restarts: a seq of another epoch means nothing. */
  readonly epoch: string;
  /** Whether the page continues the requested position without a gap; if not, it has the newest messages. */
  readonly recovered: boolean;
  /** Whether there are more messages on the other side of `seq`. */
  readonly more?: boolean;
  /** In order of seq. A seq between the requested position and the page's that is missing here has no message. */
  readonly messages: readonly RoomMessage[];
}

/** The reply to join. */
export interface JoinedFrame extends PageFields {
  readonly type: "joined";
  /** About how many members the room has; absent while the server has not counted them. */
  readonly members?: number;
}

/** The reply to history. */
export interface HistoryFrame extends PageFields {
  readonly type: "history";
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
  readonly position: CursorPosition;
  readonly color?: string;
  /** Milliseconds since 1970 by the server's clock. */
  readonly timestamp: number;
}

/** What a notification holds, in a frame of its own and in an inbox. */
export interface NotificationFields {
  readonly id: string;
  readonly from?: string;
  readonly notification: Json;
  readonly timestamp: number;
}

/** A notification to this user. */
export interface NotificationFrame extends NotificationFields {
  readonly type: "notification";
}

/** The reply to inbox: notifications that wait, the oldest first. */
export interface InboxFrame {
  readonly type: "inbox";
  readonly clientId?: string;
  readonly notifications: readonly NotificationFields[];
  /** How many were dropped because the inbox was full, and are not acknowledged. */
  readonly dropped?: number;
  /** How many were ever dropped: an ackNotification repeats it. Absent where `dropped` is. */
  readonly droppedUpTo?: number;
  /** Whether there are more after the last of these. */
  readonly more?: boolean;
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
  /** One for each room that the ping named. */
  readonly rooms?: readonly RoomState[];
}

/** The state of a room for a connection. */
export interface RoomState {
  readonly roomId: string;
  /** Whether the server counts the connection as in the room. If not, there is nothing else. */
  readonly member: boolean;
  /** The newest seq in use; 0 or absent in a room without a message. */
  readonly seq?: number;
  readonly epoch?: string;
  /** About how many members the room has; absent while the server has not counted them. */
  readonly members?: number;
}

/** The reply to refresh: the connection has a new token. */
export interface RefreshedFrame {
  readonly type: "refreshed";
  readonly clientId?: string;
  /** When it expires: milliseconds since 1970 by the server's clock. */
  readonly expiresAt: number;
  /** The rooms that the connection was in and that the new token does not permit. */
  readonly left?: readonly string[];
}

/** The reply to a request that was refused. */
export interface ErrorFrame {
  readonly type: "error";
  /** An ErrorCode, or one that a newer server knows. */
  readonly code: string;
  /** What is wrong, for a developer to read. */
  readonly message: string;
  /** The request's clientId; absent if the frame had none or could not be read. */
  readonly clientId?: string;
  /** When to send again, if at all. */
  readonly retryAfterMs?: number;
  /** True for a frame of API Gateway's own, which does not say what request it is about. */
  readonly gateway?: true;
}

/** A frame of your own: of a type that Roomcast does not have. */
export interface Frame {
  readonly type?: string;
  /** The clientId of the request that it answers. */
  readonly clientId?: string;
  readonly [field: string]: Json | undefined;
}

/** Frames that the server sends together to a room with many members. */
export interface BatchFrame {
  readonly type: "batch";
  /** In their order; none of them is a batch. */
  readonly frames: readonly ServerFrame[];
}

/** Every frame that a server sends, by itself or in a batch. */
export type ServerFrame =
  | MessageFrame
  | MessageAck
  | NotifyAck
  | InboxAck
  | JoinedFrame
  | LeftFrame
  | HistoryFrame
  | CursorFrame
  | NotificationFrame
  | InboxFrame
  | PresenceFrame
  | PongFrame
  | RefreshedFrame
  | ErrorFrame;

/** The reply to each request that is not refused. A cursorMove has no reply. */
export interface Replies {
  readonly sendMessage: MessageAck;
  readonly join: JoinedFrame;
  readonly leave: LeftFrame;
  readonly history: HistoryFrame;
  readonly notify: NotifyAck;
  readonly inbox: InboxFrame;
  readonly ackNotification: InboxAck;
  readonly presence: PresenceFrame;
  readonly ping: PongFrame;
  readonly refresh: RefreshedFrame;
}
