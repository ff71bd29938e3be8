import type { Connection } from "./connection.js";
import type { PongFrame, Position } from "./frames.js";
import type { Room } from "./room.js";

/** A ping names at most so many rooms. */
const MAX_ROOMS = 100;

/**
 * Pings the connection in use, which keeps it open and tells the server that
 * its user is there. The reply tells what nothing else would: that the server
 * counts the connection out of a room, or that the last message of a room that
 * has gone quiet was lost.
 */
export class Heartbeat {
  readonly #interval: number;
  readonly #rooms: ReadonlyMap<string, Room>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Makes a heartbeat with a ping at least every `interval` milliseconds. */
  constructor(interval: number, rooms: ReadonlyMap<string, Room>) {
    this.#interval = interval;
    this.#rooms = rooms;
  }

  /** Pings this connection from now on, and no other. */
  start(connection: Connection): void {
    this.stop();
    // At random, so that clients which connected together do not ping together.
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
    const heartbeat = Math.min(600, Math.max(1, Math.ceil(this.#interval / 1000)));
    do {
      const rooms = standing.splice(0, MAX_ROOMS);
      const asked = new Map(rooms.map(({ roomId }) => [roomId, this.#rooms.get(roomId)]));
      connection.request("ping", rooms.length > 0 ? { rooms, heartbeat } : {}).then(
        (pong) => this.#learn(pong, connection, asked),
        // A dead connection was given up by its time-out; else the next ping is soon enough.
        () => undefined,
      );
    } while (standing.length > 0);
  }

  #learn(pong: PongFrame, connection: Connection, asked: ReadonlyMap<string, Room | undefined>): void {
    for (const { roomId, member, members, seq = 0, epoch = "" } of pong.rooms ?? []) {
      const room = this.#rooms.get(roomId);
      // Not of a room that was left meanwhile, or left and joined again.
      if (room === undefined || room !== asked.get(roomId) || connection.closed) continue;
      room.counted(members);
      if (!member || isAnother(room.position, epoch)) void room.enter(connection);
      else room.heard(seq);
    }
  }
}

/** Whether the epoch is that of another log than the position's: the room has started anew. */
function isAnother(position: Position | undefined, epoch: string): boolean {
  return position !== undefined && position.seq > 0 && position.epoch !== epoch;
}
