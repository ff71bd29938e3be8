/** What the frames of the wire format hold; docs/reference/protocol.md explains them. */

/** A JSON value: what a notification may hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** How far a room's messages are known: every one up to `seq`. It can be stored as JSON. */
export interface Position {
  /** The seq of the last message; 0 before the first. */
  readonly seq: number;
  /** The log that `seq` counts in; "" in a room without a message. */
  readonly epoch: string;
}

/** Where a cursor is: in a text, or on a plane in units that the application chooses. */
export type CursorPosition = { readonly line: number; readonly column: number } | { readonly x: number; readonly y: number };

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
  /** The clientId of the request. */
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

/** The reply to ackNotification. */
export interface InboxAck {
  readonly type: "ack";
  readonly clientId: string;
  readonly ids: readonly string[];
}

/** A part of a room's log that fits in one frame. */
export interface Page {
  readonly clientId?: string;
  readonly roomId: string;
  /** Where the page ends; of a page of older messages where it begins. */
  readonly seq: number;
  /** Changes when the room's log starts anew: a seq of another epoch means nothing. */
  readonly epoch: string;
  /** Whether the page goes on without a hole from the position that was asked from; else it holds the newest messages. */
  readonly recovered: boolean;
  /** Whether there are more messages on the other side of `seq`. */
  readonly more?: boolean;
  /** In the order of their seq. A seq between the position that was asked from and the page's that is not here has no message. */
  readonly messages: readonly MessageFrame[];
}

/** The reply to join. */
export interface JoinedFrame extends Page {
  readonly type: "joined";
  /** About how many members the room has; absent while the server has not counted them. */
  readonly members?: number;
}

/** The reply to history. */
export interface HistoryFrame extends Page {
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

/** The reply to inbox: notifications that wait, the oldest first. */
export interface InboxFrame {
  readonly type: "inbox";
  readonly clientId?: string;
  readonly notifications: readonly Omit<NotificationFrame, "type">[];
  /** How many were dropped because the inbox was full, and not acknowledged. */
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

/** How a room stands for a connection. */
export interface RoomState {
  readonly roomId: string;
  /** Whether the server counts the connection as in the room. If not, there is nothing else. */
  readonly member: boolean;
  /** The newest seq that was given away; 0 or absent in a room without any. */
  readonly seq?: number;
  readonly epoch?: string;
  /** About how many members the room has; absent while the server has not counted them. */
  readonly members?: number;
}

/** The reply to refresh: the connection has a new token. */
export interface RefreshedFrame {
  readonly type: "refreshed";
  readonly clientId?: string;
  /** When it ends: milliseconds since 1970 by the server's clock. */
  readonly expiresAt: number;
  /** The rooms that the connection was in and that the new token does not permit any more. */
  readonly left?: readonly string[];
}

/** The reply to a request that was refused. */
export interface ErrorFrame {
  readonly type: "error";
  /** An ErrorCode, or one that a newer server knows. */
  readonly code: string;
  /** What is wrong, for a developer to read. */
  readonly message: string;
  /** The request's clientId; absent when the frame had none or could not be read. */
  readonly clientId?: string;
  /** When to send again, if at all. */
  readonly retryAfterMs?: number;
  /** True for one that parseFrames() made of a frame of API Gateway's own, which does not say what it is about. */
  readonly gateway?: true;
}

/** A frame of a type that Roomcast does not have: from a route or a function of the application's own. */
export interface OtherFrame {
  readonly type?: string;
  /** The clientId of the request that it answers. */
  readonly clientId?: string;
  readonly [field: string]: Json | undefined;
}

/** Frames that the server sends as one, to a room with many members. RoomcastClient takes them one by one. */
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

/** What each request is answered with, when it is not refused; cursorMove has no answer. */
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
