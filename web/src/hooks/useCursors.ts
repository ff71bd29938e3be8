import type { CursorPosition, RoomcastClient } from "@roomcast/client";
import { useEffect, useState } from "react";

import { safeColor } from "../colors";
import { useClientEvent } from "./useClient";

/** A cursor that stands still for this long begins to fade. */
const IDLE_MS = 4000;
/** One that stands still for this long is gone. */
const GONE_MS = 6000;

/** Somebody's cursor; x and y go from 0 to 1 across the canvas. */
export interface Cursor {
  readonly userId: string;
  readonly x: number;
  readonly y: number;
  readonly color: string;
  /** When the server got it, by the server's clock. */
  readonly timestamp: number;
  /** When it came here, by this machine's clock. */
  readonly movedAt: number;
  readonly idle: boolean;
}

const clamp = (value: number) => Math.min(1, Math.max(0, value));

/** Places a text position too, as if the canvas held 24 lines of 80 columns. */
function toPlane(position: CursorPosition): { x: number; y: number } {
  const { x, y } = "x" in position ? position : { x: position.column / 80, y: position.line / 24 };
  return { x: clamp(x), y: clamp(y) };
}

/** The cursors of the others in the room. */
export function useCursors(client: RoomcastClient | undefined, room: string): readonly Cursor[] {
  const [cursors, setCursors] = useState<ReadonlyMap<string, Cursor>>(new Map());

  useClientEvent(client, "cursor", ({ roomId, userId, position, color, timestamp }) => {
    if (roomId !== room) return;
    const cursor = { userId, ...toPlane(position), color: safeColor(color, userId), timestamp, movedAt: Date.now(), idle: false };
    // Two frames sent one after the other may come the other way round.
    const overtaken = (shown: Cursor | undefined) => shown !== undefined && shown.timestamp > timestamp;
    setCursors((before) => (overtaken(before.get(userId)) ? before : new Map(before).set(userId, cursor)));
  });

  useEffect(() => {
    setCursors(new Map());
    const timer = setInterval(() => setCursors(age), 500);
    return () => clearInterval(timer);
  }, [client, room]);

  return [...cursors.values()];
}

/** Marks idle cursors and drops old ones; gives the same map when nothing changes. */
function age(cursors: ReadonlyMap<string, Cursor>): ReadonlyMap<string, Cursor> {
  const now = Date.now();
  const changed = [...cursors.values()].some((cursor) => !cursor.idle && now - cursor.movedAt > IDLE_MS)
    || [...cursors.values()].some((cursor) => now - cursor.movedAt > GONE_MS);
  if (!changed) return cursors;
  const kept = [...cursors.values()].filter((cursor) => now - cursor.movedAt <= GONE_MS);
  return new Map(kept.map((cursor) => [cursor.userId, { ...cursor, idle: now - cursor.movedAt > IDLE_MS }]));
}
