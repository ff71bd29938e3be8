import type { CursorPosition } from "./frames.js";
import { Throttle } from "./throttle.js";

interface Move {
  readonly position: CursorPosition;
  readonly color: string | undefined;
}

/** This user's cursor in each room, sent at most once an interval. */
export class Cursors {
  readonly #interval: number;
  readonly #send: (roomId: string, move: Move) => void;
  readonly #rooms = new Map<string, Throttle<Move>>();

  /** Makes cursors that `send` is called for at most every `interval` milliseconds and room. */
  constructor(interval: number, send: (roomId: string, move: Move) => void) {
    this.#interval = interval;
    this.#send = send;
  }

  /** Moves the cursor of a room. */
  move(roomId: string, move: Move): void {
    const throttle = this.#rooms.get(roomId) ?? new Throttle<Move>(this.#interval, (latest) => this.#send(roomId, latest));
    this.#rooms.set(roomId, throttle);
    throttle.push(move);
  }

  /** Forgets a move that waits in a room, or in all of them. */
  stop(roomId?: string): void {
    for (const [id, throttle] of this.#rooms) {
      if (roomId !== undefined && id !== roomId) continue;
      throttle.stop();
      this.#rooms.delete(id);
    }
  }
}
