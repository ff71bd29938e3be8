import type { Message, Room, RoomcastError } from "@roomcast/client";
import { useEffect, useReducer, useRef } from "react";

import { reason } from "../words";
import { useRoomEvent } from "./useClient";

/** A message that the server has. */
export interface SentLine {
  readonly kind: "message";
  readonly key: string;
  readonly seq: number;
  readonly userId: string;
  readonly text: string;
  readonly timestamp: number;
  /** How long the server took to acknowledge it, for a message of this window. */
  readonly tookMs?: number;
}

/** A message of this window that the server does not have yet. */
export interface PendingLine {
  readonly kind: "pending";
  /** Its idempotency key too. */
  readonly key: string;
  readonly text: string;
  /** Why it could not be sent. */
  readonly error?: string;
  /** Whether the server may have it and forgotten its key: sent again, it would be a second message. */
  readonly doubtful?: boolean;
}

/** Something that happened to the room. */
export interface NoteLine {
  readonly kind: "note";
  readonly key: string;
  readonly text: string;
}

/** What a chat shows, oldest first. */
export type Line = SentLine | PendingLine | NoteLine;

type Change =
  | { type: "reset" }
  | { type: "note"; key: string; text: string }
  | { type: "sending"; key: string; text: string }
  | { type: "failed"; key: string; error: string; doubtful: boolean }
  | { type: "remove"; key: string }
  | { type: "arrived"; line: SentLine; mine: boolean }
  | { type: "acked"; pending: string; line: SentLine };

const MAX_LINES = 500;

function change(lines: readonly Line[], action: Change): readonly Line[] {
  switch (action.type) {
    case "reset":
      return [];
    case "note":
      return place(lines, { kind: "note", key: action.key, text: action.text });
    case "sending":
      return [...lines, { kind: "pending", key: action.key, text: action.text }];
    case "failed": {
      const { key, error, doubtful } = action;
      return lines.map((line) => (line.kind === "pending" && line.key === key ? { ...line, error, doubtful } : line));
    }
    case "remove":
      return lines.filter((line) => line.key !== action.key);
    case "arrived": {
      // The user's own message may arrive before its receipt: it replaces the pending line.
      const same = (line: Line) => line.kind === "pending" && line.error === undefined && line.text === action.line.text;
      const pending = action.mine ? lines.find(same) : undefined;
      return place(lines.filter((line) => line !== pending), action.line);
    }
    case "acked":
      return place(lines.filter((line) => line.key !== action.pending), action.line);
  }
}

/** Puts a line where its seq belongs, above pending lines; replaces a line with the same key. */
function place(lines: readonly Line[], line: SentLine | NoteLine): readonly Line[] {
  const known = lines.findIndex((other) => other.key === line.key);
  if (known >= 0) return lines.with(known, { ...lines[known], ...line } as Line);
  let at = lines.length;
  while (at > 0) {
    const before = lines[at - 1]!;
    const later = before.kind === "message" && line.kind === "message" && before.seq > line.seq;
    if (before.kind !== "pending" && !later) break;
    at--;
  }
  return lines.toSpliced(at, 0, line).slice(-MAX_LINES);
}

function sent({ id, seq, userId, text, timestamp }: Message): SentLine {
  return { kind: "message", key: id, seq, userId, text, timestamp };
}

/** The chat of a room: its lines since this window joined, and how to send one. */
export function useChat(room: Room | undefined, user: string) {
  const [lines, dispatch] = useReducer(change, []);
  const keys = useRef(0);
  const joins = useRef(0);

  useEffect(() => {
    joins.current = 0;
    dispatch({ type: "reset" });
  }, [room]);

  useRoomEvent(room, "message", (message) => dispatch({ type: "arrived", line: sent(message), mine: message.userId === user }));

  useRoomEvent(room, "joined", ({ recovered }) => {
    if (joins.current++ === 0) return;
    const text = recovered ? "Connected again. Nothing was missed." : "Connected again. Messages sent meanwhile, if any, are not shown.";
    dispatch({ type: "note", key: `note ${keys.current++}`, text });
  });

  /** Sends a line under its key. Resolves with the error if it cannot be sent as it is: then it is not shown. */
  const deliver = async (text: string, key: string): Promise<RoomcastError | undefined> => {
    if (room === undefined) return undefined;
    dispatch({ type: "sending", key, text });
    const start = performance.now();
    try {
      const { id, seq, timestamp } = await room.send(text, { idempotencyKey: key });
      const line = { kind: "message", key: id, seq, userId: user, text, timestamp } as const;
      dispatch({ type: "acked", pending: key, line: { ...line, tookMs: performance.now() - start } });
    } catch (error) {
      const failure = error as RoomcastError;
      if (failure.code === "message_too_large" || failure.code === "bad_field") {
        dispatch({ type: "remove", key });
        return failure;
      }
      dispatch({ type: "failed", key, error: reason(failure), doubtful: failure.code === "outcome_unknown" });
    }
    return undefined;
  };

  /** Sends a new line; resolves as deliver does. */
  const send = (text: string): Promise<RoomcastError | undefined> => deliver(text, crypto.getRandomValues(new Uint32Array(4)).join("-"));

  /** Sends a failed line again: under the same key if the server still knows it, so that it is one message even if the server has it. */
  const retry = (line: PendingLine): void => {
    dispatch({ type: "remove", key: line.key });
    void (line.doubtful === true ? send(line.text) : deliver(line.text, line.key));
  };

  return { lines, send, retry };
}
