import { backoff } from "./backoff.js";
import { sizeOnServer } from "./checks.js";
import type { Connection } from "./connection.js";
import type { RoomcastError } from "./errors.js";
import type { PongFrame, Position } from "./frames.js";
import { outgoing } from "./outgoing.js";
import type { Membership } from "./membership.js";

/** A ping names at most this many rooms, */
const MAX_ROOMS = 100;
/** whose names take at most this many bytes of JSON together. */
const MAX_NAMES = 16 * 1024;
/** A ping that the server could not answer is sent at most this often. */
const MAX_TRIES = 5;
/** The limits of the wait before that, in milliseconds. */
const RETRY_BASE = 500;
const RETRY_MAX = 20_000;

/** How far a room's messages are known here. */
interface Standing {
  readonly roomId: string;
  readonly seq: number;
}

/**
 * Pings the connection in use, which keeps it open and shows the server that its
 * user is present. The reply reveals what nothing else would: that the server
 * does not count the connection in a room, or that the last message of a quiet
 * room was lost.
 */
export class Heartbeat {
  readonly #interval: number;
  readonly #rooms: ReadonlyMap<string, Membership>;
  readonly #failed: (error: RoomcastError) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Pings at least every `interval` milliseconds. `failed` is called if the server refuses a ping. */
  constructor(interval: number, rooms: ReadonlyMap<string, Membership>, failed: (error: RoomcastError) => void) {
    this.#interval = interval;
    this.#rooms = rooms;
    this.#failed = failed;
  }

  /** Pings this connection from now on, and no other. */
  start(connection: Connection): void {
    this.stop();
    // At random, so that clients that connected together do not ping together.
    const wait = this.#interval * (0.8 + 0.2 * Math.random());
    this.#timer = setTimeout(() => {
      this.start(connection);
      this.#beat(connection);
    }, wait);
  }

  /** Pings no more. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #beat(connection: Connection): void {
    const joined = [...this.#rooms].filter(([roomId, room]) => room.wanted && connection.joined.has(roomId));
    const standing = joined.map(([roomId, room]) => ({ roomId, seq: room.position?.seq ?? 0 }));
    if (standing.length === 0) void this.#ping(connection, []);
    for (const rooms of split(standing)) void this.#ping(connection, rooms);
  }

  /** Sends a ping, and again while the server cannot answer it now. */
  async #ping(connection: Connection, standing: readonly Standing[]): Promise<void> {
    const heartbeat = Math.min(600, Math.max(1, Math.ceil(this.#interval / 1000)));
    const asked = new Map(standing.map(({ roomId }) => [roomId, this.#rooms.get(roomId)]));
    for (let tries = 1; !connection.closed; tries++) {
      try {
        const pong = await connection.request(outgoing("ping", standing.length > 0 ? { rooms: standing, heartbeat } : {}));
        return this.#learn(pong, connection, asked);
      } catch (reason) {
        const error = reason as RoomcastError;
        // The timeout replaces a dead connection, and an expired token is refreshed.
        if (connection.closed || error.reaction === "refresh" || error.reaction === "reconnect") return;
        if (error.reaction !== "retry" || tries >= MAX_TRIES) return this.#failed(error);
        await connection.sleep((error.retryAfterMs ?? 0) + backoff(tries, RETRY_BASE, RETRY_MAX));
      }
    }
  }

  #learn(pong: PongFrame, connection: Connection, asked: ReadonlyMap<string, Membership | undefined>): void {
    for (const { roomId, member, members, seq = 0, epoch = "" } of pong.rooms ?? []) {
      const room = this.#rooms.get(roomId);
      // The room may have been left meanwhile, or left and joined again.
      if (room === undefined || room !== asked.get(roomId) || connection.closed) continue;
      room.counted(members);
      if (!member || isAnother(room.position, epoch)) void room.enter(connection);
      else room.heard(seq);
    }
  }
}

/** Splits the rooms into those of one ping each. */
function* split(standing: readonly Standing[]): Generator<readonly Standing[]> {
  let rooms: Standing[] = [];
  let names = 0;
  for (const room of standing) {
    const size = sizeOnServer(room.roomId);
    if (rooms.length === MAX_ROOMS || names + size > MAX_NAMES) {
      yield rooms;
      rooms = [];
      names = 0;
    }
    rooms.push(room);
    names += size;
  }
  if (rooms.length > 0) yield rooms;
}

/** Whether the epoch is of another log than the position's: the room has restarted. */
function isAnother(position: Position | undefined, epoch: string): boolean {
  return position !== undefined && position.seq > 0 && position.epoch !== epoch;
}
