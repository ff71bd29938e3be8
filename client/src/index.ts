export { RoomcastClient } from "./client.js";
export { CLIENT_ERROR_CODES, RoomcastError, type ClientErrorCode, type ErrorCode } from "./errors.js";
export type { ConnectionState, RoomcastEvents } from "./events.js";
export { DEFAULTS, type RoomcastOptions, type UrlProvider, type WebSocketConstructor } from "./options.js";
export {
  ACTIONS,
  ERROR_CODES,
  parseFrame,
  type AckFrame,
  type Action,
  type CursorFrame,
  type ErrorAction,
  type ErrorFrame,
  type JoinedFrame,
  type Json,
  type LeftFrame,
  type MessageAck,
  type MessageFrame,
  type NotificationFrame,
  type NotifyAck,
  type PongFrame,
  type Position,
  type PresenceFrame,
  type Replies,
  type ServerErrorCode,
  type ServerFrame,
} from "./protocol.js";
