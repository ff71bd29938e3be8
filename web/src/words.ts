import type { RoomcastError } from "@roomcast/client";

/** Why a request failed, in words for the user. */
export function reason(error: RoomcastError): string {
  switch (error.code) {
    case "timeout":
      return "the server did not answer";
    case "outcome_unknown":
      return "the server did not confirm it. If you send it again, it may appear twice";
    case "closed":
      return "the connection was closed";
    case "queue_full":
      return "too many messages are waiting for the connection";
    case "unavailable":
      return "the server is busy";
    case "message_too_large":
      return "it is too long";
    default:
      return error.message;
  }
}
