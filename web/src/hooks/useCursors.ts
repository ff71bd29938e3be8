import type { CursorPosition, Room } from "@roomcast/client";
import { useEffect, useState } from "react";

import { safeColor } from "../colors";
import { useRoomEvent } from "./useClient";

/** A cursor that stands still for this long begins to fade. */
const IDLE_MS = 4000;
/** One that stands still for this long is gone. */
const GONE_MS = 6000;

/** Another user's cursor; x and y go from 0 to 1 across the canvas. */
export interface Cursor {
  readonly userId: string;
  readonly x: number;
  readonly y: number;
  readonly color: string;
  /** When it arrived, by this machine's clock. */
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
export function useCursors(room: Room | undefined): readonly Cursor[] {
  const [cursors, setCursors] = useState<ReadonlyMap<string, Cursor>>(new Map());

  useRoomEvent(room, "cursor", ({ userId, position, color }) => {
    const cursor = { userId, ...toPlane(position), color: safeColor(color, userId), movedAt: Date.now(), idle: false };
    setCursors((before) => new Map(before).set(userId, cursor));
  });

  useEffect(() => {
    setCursors(new Map());
    const timer = setInterval(() => setCursors(age), 500);
    return () => clearInterval(timer);
  }, [room]);

  return [...cursors.values()];
}

/** Marks idle cursors and drops old ones; returns the same map if nothing changes. */
function age(cursors: ReadonlyMap<string, Cursor>): ReadonlyMap<string, Cursor> {
  const now = Date.now();
  const changed = [...cursors.values()].some((cursor) => !cursor.idle && now - cursor.movedAt > IDLE_MS)
    || [...cursors.values()].some((cursor) => now - cursor.movedAt > GONE_MS);
  if (!changed) return cursors;
  const kept = [...cursors.values()].filter((cursor) => now - cursor.movedAt <= GONE_MS);
  return new Map(kept.map((cursor) => [cursor.userId, { ...cursor, idle: now - cursor.movedAt > IDLE_MS }]));
}
