export { RoomcastClient } from "./client.js";
export { RoomcastError, type ErrorCode } from "./errors.js";
export type { ConnectionState, Problem, RoomcastEvents, RoomJoined, RoomLeft } from "./events.js";
export type {
  AckFrame,
  BatchFrame,
  CursorFrame,
  CursorPosition,
  ErrorFrame,
  HistoryFrame,
  InboxAck,
  InboxFrame,
  JoinedFrame,
  Json,
  LeftFrame,
  MessageAck,
  MessageFrame,
  NotificationFrame,
  NotifyAck,
  OtherFrame,
  Page,
  PongFrame,
  Position,
  PresenceFrame,
  RefreshedFrame,
  Replies,
  RoomState,
  ServerFrame,
} from "./frames.js";
export { platformNetwork, type NetworkChange, type NetworkSource } from "./network.js";
export { DEFAULTS, type RoomcastOptions, type UrlProvider, type WebSocketConstructor } from "./options.js";
export { ACTIONS, ERROR_CODES, type Action, type Reaction } from "./generated.js";
export { parseFrames } from "./protocol.js";
export type { RequestName } from "./request.js";
export type { TokenPlace, TokenProvider } from "./token.js";
