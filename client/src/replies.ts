import type { Action, FrameType } from "./generated.js";

/** The type of the frame that answers each request. A cursorMove has no answer. */
export const REPLIES: Readonly<Record<Exclude<Action, "cursorMove">, FrameType>> & Readonly<Record<string, FrameType>> = {
  sendMessage: "ack",
  join: "joined",
  leave: "left",
  history: "history",
  notify: "ack",
  inbox: "inbox",
  ackNotification: "ack",
  presence: "presence",
  ping: "pong",
  refresh: "refreshed",
};
