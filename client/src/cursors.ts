import { MAX_TIMEOUT } from "./backoff.js";
import type { Connection } from "./connection.js";
import type { CursorFrame } from "./frames.js";
import type { Move } from "./outgoing.js";
import { Throttle } from "./throttle.js";

/** A move is sent once in an interval for every 100 members of the room. */
const MEMBERS_PER_INTERVAL = 100;
/** A move waits while more than this many bytes wait for the network, so that it does not delay messages. */
const MAX_BACKLOG = 64 * 1024;

/** This user's cursor in each room, sent at most once an interval. */
export class Cursors {
  readonly #interval: number;
  readonly #connection: (roomId: string) => Connection | undefined;
  readonly #rooms = new Map<string, Throttle<Move>>();
  /** The server's time of each user's newest move, by room and user. */
  readonly #newest = new Map<string, Map<string, number>>();

  /**
   * Makes cursors that are sent at most every `interval` milliseconds in a room
   * of up to 100 members, on the connection that `connection` returns for the
   * room. Without one a move is dropped.
   */
  constructor(interval: number, connection: (roomId: string) => Connection | undefined) {
    this.#interval = interval;
    this.#connection = connection;
  }

  /** Moves the cursor of a room. */
  move(roomId: string, move: Move): void {
    this.#room(roomId).push(move);
  }

  /** Takes about how many members a room has. Until then it counts as a small one. */
  counted(roomId: string, members: number): void {
    const interval = this.#interval * Math.max(1, Math.ceil(members / MEMBERS_PER_INTERVAL));
    this.#room(roomId).change(Math.min(MAX_TIMEOUT, interval));
  }

  /**
   * Takes another user's move. Returns false if it is older than the newest one:
   * moves may overtake each other.
   */
  isNewest({ roomId, userId, timestamp }: CursorFrame): boolean {
    const room = this.#newest.get(roomId) ?? new Map<string, number>();
    if (timestamp < (room.get(userId) ?? 0)) return false;
    this.#newest.set(roomId, room.set(userId, timestamp));
    return true;
  }

  /** Forgets a room, with a move that waits in it, or all of them. */
  stop(roomId?: string): void {
    if (roomId === undefined) this.#newest.clear();
    else this.#newest.delete(roomId);
    for (const [id, throttle] of this.#rooms) {
      if (roomId !== undefined && id !== roomId) continue;
      throttle.stop();
      this.#rooms.delete(id);
    }
  }

  #room(roomId: string): Throttle<Move> {
    const throttle = this.#rooms.get(roomId) ?? new Throttle<Move>(this.#interval, (move) => this.#send(roomId, move));
    this.#rooms.set(roomId, throttle);
    return throttle;
  }

  /** Sends a move or drops it. Returns false if it has to wait. */
  #send(roomId: string, move: Move): boolean {
    const connection = this.#connection(roomId);
    if (connection !== undefined && connection.backlog > MAX_BACKLOG) return false;
    connection?.send(JSON.stringify({ action: "cursorMove", roomId, ...move }));
    return true;
  }
}
