import { backoff } from "./backoff.js";
import type { Connection } from "./connection.js";
import { RoomcastError } from "./errors.js";
import type { RoomMessage, Position } from "./frames.js";
import { Membership } from "./membership.js";
import type { Settings } from "./options.js";
import { outgoing } from "./outgoing.js";
import type { Joined, Left } from "./types.js";

/** What Memberships need from their owner. */
export interface MembershipsListener {
  /** The next message of a room. */
  message(message: RoomMessage): void;
  /** A room was joined. */
  joined(joined: Joined): void;
  /** The server reported about how many members a room has. */
  counted(roomId: string, members: number): void;
  /** The rooms of a connection have changed. */
  changed(): void;
  /** A room that was joined before cannot be joined again, or not now. */
  failed(error: RoomcastError): void;
  /** The client is out of a room that it was in, and that it did not leave. */
  left(left: Left): void;
  /** The client may not be in a room: calls and messages that wait for it are given up. */
  refused(roomId: string, error: RoomcastError): void;
  /** The connections on which rooms are joined, the one in use first. */
  connections(): readonly Connection[];
  /** Resolves when the messages that are pending in a room now are answered. */
  answered(roomId: string): Promise<void>;
}

/** A leave that is under way. */
interface Leaving {
  /** The room; undefined if it was left before, and a late join brought the client into it again. */
  readonly room?: Membership;
  readonly done: Promise<void>;
}

/** The rooms that the client is in or joins, on any connection. */
export class Memberships {
  readonly #settings: Settings;
  readonly #listener: MembershipsListener;
  readonly #rooms = new Map<string, Membership>();
  /** The leaves under way. A room that is joined again meanwhile is another membership, and waits. */
  readonly #leaving = new Map<string, Leaving>();

  /** Makes an empty set of rooms. */
  constructor(settings: Settings, listener: MembershipsListener) {
    this.#settings = settings;
    this.#listener = listener;
  }

  /** The rooms by their id. */
  get byId(): ReadonlyMap<string, Membership> {
    return this.#rooms;
  }

  /** The room that the application wants to be in. */
  wanted(roomId: string): Membership | undefined {
    return this.#rooms.get(roomId);
  }

  /** The membership that holds on the connections: of a room that is being left, as long as messages are pending. */
  present(roomId: string): Membership | undefined {
    const leaving = this.#leaving.get(roomId);
    if (leaving === undefined) return this.#rooms.get(roomId);
    return leaving.room?.stays === true ? leaving.room : undefined;
  }

  /** Whether a request about a room has to wait until the room is joined on the connection. */
  waits(roomId: string, connection: Connection): boolean {
    return this.present(roomId) === undefined ? this.#rooms.has(roomId) : !connection.joined.has(roomId);
  }

  /** Takes a message that was sent to a room on a connection. */
  message(message: RoomMessage, connection: Connection): void {
    const { roomId } = message;
    // A room that is being left delivers nothing. Joined again, it requests what it misses.
    if (this.#leaving.has(roomId)) return;
    const room = this.#rooms.get(roomId);
    if (room !== undefined) room.message(message);
    else if (connection === this.#listener.connections()[0]) this.#stray(roomId, connection);
  }

  /**
   * Undefined unless the room is being left. Then it resolves when that is done
   * if the room is joined again after it, and is rejected otherwise.
   */
  left(roomId: string): Promise<void> | undefined {
    const done = this.#leaving.get(roomId)?.done;
    if (done === undefined || this.#rooms.has(roomId)) return done?.catch(() => undefined);
    return Promise.reject(new RoomcastError("not_in_room", "the room is being left"));
  }

  /** Joins a room on the connections that there are, and on every later one. */
  join(roomId: string, since: Position | undefined): Promise<Joined> {
    const room = this.#rooms.get(roomId) ?? this.#add(roomId, since);
    const [connection] = this.#listener.connections();
    const standing = room.standing(since);
    if (connection?.joined.has(roomId) && !this.#leaving.has(roomId) && standing !== undefined) return Promise.resolve(standing);
    const joined = room.whenJoined(since);
    for (const open of this.#listener.connections()) void this.#enter(roomId, room, open);
    return joined;
  }

  /** Leaves a room on every connection, after its pending messages. */
  async leave(roomId: string): Promise<void> {
    const room = this.#rooms.get(roomId);
    if (room === undefined) return this.#leaving.get(roomId)?.done;
    room.wanted = false;
    this.#rooms.delete(roomId);
    const before = this.#leaving.get(roomId)?.done;
    const done = this.#leave(roomId, room, before).finally(() => {
      if (this.#leaving.get(roomId)?.done === done) this.#leaving.delete(roomId);
      this.#listener.changed();
    });
    // While another leave of the room is under way, this membership was never joined.
    if (before === undefined) this.#leaving.set(roomId, { room, done });
    return done;
  }

  /** Joins all rooms on a connection. Resolves when they are joined, or the connection is gone. */
  async enter(connection: Connection): Promise<void> {
    for (let rooms = this.#missing(connection); rooms.length > 0 && !connection.closed; rooms = this.#missing(connection)) {
      await Promise.all(rooms.map(([roomId, room]) => this.#enter(roomId, room, connection)));
    }
  }

  /** Reports the joins that were made on a connection for a rollover. */
  announce(connection: Connection): void {
    for (const room of [...this.#rooms.values()]) room.announce(connection);
  }

  /** The server took a connection out of rooms that its new token does not permit. */
  revoke(roomIds: readonly string[], connection: Connection): void {
    for (const roomId of roomIds) {
      connection.joined.delete(roomId);
      // A join that was under way may have succeeded.
      if (connection.asked.delete(roomId)) connection.left.set(roomId, Date.now());
      const error = new RoomcastError("forbidden", `the new token does not permit the room ${JSON.stringify(roomId)}`);
      const room = this.#rooms.get(roomId);
      if (room !== undefined) void this.leave(roomId).catch(() => undefined);
      room?.stop(error);
      this.#listener.refused(roomId, error);
      if (room !== undefined) this.#listener.left({ roomId, error });
    }
  }

  /** Stops everything: the client is closed. */
  close(error: RoomcastError): void {
    for (const { room } of this.#leaving.values()) room?.stop(error);
    for (const room of this.#rooms.values()) room.stop(error);
    this.#rooms.clear();
    this.#listener.changed();
  }

  /** The rooms that a connection has to join. */
  #missing(connection: Connection): [string, Membership][] {
    const staying = [...this.#leaving].flatMap(([roomId, { room }]): [string, Membership][] => (room?.stays === true ? [[roomId, room]] : []));
    return [
      ...staying.filter(([roomId]) => !connection.joined.has(roomId)),
      ...[...this.#rooms].filter(([roomId]) => this.#leaving.has(roomId) || !connection.joined.has(roomId)),
    ];
  }

  async #leave(roomId: string, room: Membership, before: Promise<void> | undefined): Promise<void> {
    if (before !== undefined) {
      room.stop(leftEarly());
      return before;
    }
    await this.#listener.answered(roomId);
    room.stays = false;
    // API Gateway may run two frames concurrently: a leave must not overtake its join.
    while (room.entering.length > 0) await Promise.all(room.entering);
    room.stop(leftEarly());
    const open = this.#listener.connections().filter((connection) => connection.asked.delete(roomId));
    for (const connection of open) connection.joined.delete(roomId);
    this.#listener.changed();
    await Promise.all(open.map((connection) => this.#leaveOn(connection, roomId)));
  }

  /** Joins a room on a connection. A join must not overtake a leave either: then the leave would undo it. */
  async #enter(roomId: string, room: Membership, connection: Connection): Promise<void> {
    const leaving = this.#leaving.get(roomId);
    if (leaving?.room !== room) await leaving?.done.catch(() => undefined);
    if (room.stays) await room.enter(connection);
  }

  /** Takes a message of a room that was left: a late copy of a join may have followed the leave, so it is left again. */
  #stray(roomId: string, connection: Connection): void {
    const left = connection.left.get(roomId);
    // A message may be on its way while the room is left.
    if (left === undefined || Date.now() - left < this.#settings.requestTimeout) return;
    const done = this.#leaveOn(connection, roomId).finally(() => this.#leaving.delete(roomId));
    this.#leaving.set(roomId, { done });
    done.catch((error: RoomcastError) => this.#listener.failed(error));
  }

  #add(roomId: string, since: Position | undefined): Membership {
    const room: Membership = new Membership(roomId, since, this.#settings, {
      ...this.#listener,
      counted: (members) => this.#listener.counted(roomId, members),
      entered: this.#listener.changed,
      full: this.#listener.failed,
      refused: (error, reported) => {
        const wanted = this.#rooms.get(roomId) === room;
        if (wanted) this.#rooms.delete(roomId);
        this.#listener.changed();
        if (!wanted) return;
        this.#listener.refused(roomId, error);
        if (reported) return;
        this.#listener.failed(error);
        if (room.position !== undefined) this.#listener.left({ roomId, error });
      },
      connection: () => this.#listener.connections()[0],
    });
    this.#rooms.set(roomId, room);
    return room;
  }

  async #leaveOn(connection: Connection, roomId: string): Promise<void> {
    const { callTimeout, retryBase, retryMax } = this.#settings;
    connection.left.set(roomId, Date.now());
    const until = Date.now() + callTimeout;
    for (let retry = 1; ; retry++) {
      try {
        await connection.request(outgoing("leave", { roomId }));
        return;
      } catch (reason) {
        // A connection that is gone is in no room.
        if (connection.closed) return;
        const error = reason as RoomcastError;
        if ((error.reaction !== "retry" && error.reaction !== "refresh") || Date.now() >= until) throw error;
        if (error.reaction === "refresh") await connection.refresh();
        else await connection.sleep((error.retryAfterMs ?? 0) + backoff(retry, retryBase, retryMax));
      }
    }
  }
}

const leftEarly = (): RoomcastError => new RoomcastError("left", "the room was left before it was joined");
