import type { Room } from "@roomcast/client";
import { useState, type KeyboardEvent, type PointerEvent } from "react";

import { colorOf } from "../colors";
import { useCursors } from "../hooks/useCursors";
import { Pointer } from "./Pointer";

interface Props {
  room: Room | undefined;
  /** The name of the room. */
  name: string;
  user: string;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** How far an arrow key moves the pointer: a part of the canvas. */
const STEP = 0.03;

const KEYS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -STEP, y: 0 },
  ArrowRight: { x: STEP, y: 0 },
  ArrowUp: { x: 0, y: -STEP },
  ArrowDown: { x: 0, y: STEP },
};

const clamp = (value: number) => Math.min(1, Math.max(0, value));
const round = (value: number) => Math.round(clamp(value) * 10_000) / 10_000;

/** The shared canvas: everyone's pointer, at the same place in every window of any size. */
export function Canvas({ room, name, user }: Props) {
  const cursors = useCursors(room);
  // Drawn for the keyboard only: the mouse has its own pointer.
  const [own, setOwn] = useState<Point>();

  const move = (x: number, y: number): Point => {
    const point = { x: round(x), y: round(y) };
    room?.moveCursor(point, colorOf(user));
    return point;
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    move((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    setOwn(undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = KEYS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const from = own ?? { x: 0.5, y: 0.5 };
    setOwn(move(from.x + step.x, from.y + step.y));
  };

  return (
    <section className="card canvas" aria-labelledby="canvas-title" onPointerMove={onPointerMove} data-testid="canvas">
      <div className="canvas-keys" role="application" tabIndex={0} aria-label="Shared canvas. The arrow keys move your pointer." onKeyDown={onKeyDown} onBlur={() => setOwn(undefined)} />
      <div className="canvas-words">
        <h2 id="canvas-title" className="card-title">Shared canvas</h2>
        <p className="hint">Move around: everyone in {name} sees your pointer here.</p>
      </div>
      {cursors.map((cursor) => <Pointer key={cursor.userId} {...cursor} />)}
      {own !== undefined && <Pointer userId={`${user} (you)`} x={own.x} y={own.y} color={colorOf(user)} idle={false} />}
    </section>
  );
}
