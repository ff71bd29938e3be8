import { backoff } from "./backoff.js";
import type { Connection } from "./connection.js";
import { closed, RoomcastError } from "./errors.js";
import type { RoomJoined } from "./events.js";
import type { MessageFrame, Position } from "./frames.js";
import type { Settings } from "./options.js";
import { Room } from "./room.js";

/** What Rooms need. */
export interface RoomsListener {
  /** The next message of a room. */
  message(message: MessageFrame): void;
  /** A room was joined. */
  joined(joined: RoomJoined): void;
  /** Which rooms a connection is in, or is to be in, has changed. */
  changed(): void;
  /** A room that was joined before cannot be joined again. */
  failed(error: RoomcastError): void;
  /** The connections on which rooms are joined, the one in use first. */
  connections(): readonly Connection[];
}

/** The rooms that the client is in or on the way into, on whatever connection. */
export class Rooms {
  readonly #settings: Settings;
  readonly #listener: RoomsListener;
  readonly #rooms = new Map<string, Room>();
  /** The leaves that have no answer yet. */
  readonly #leaving = new Map<string, Promise<void>>();

  /** Makes an empty set of rooms. */
  constructor(settings: Settings, listener: RoomsListener) {
    this.#settings = settings;
    this.#listener = listener;
  }

  /** The rooms by their id. */
  get byId(): ReadonlyMap<string, Room> {
    return this.#rooms;
  }

  /** The room that the application wants to be in. */
  wanted(roomId: string): Room | undefined {
    const room = this.#rooms.get(roomId);
    return room?.wanted === true ? room : undefined;
  }

  /** Joins a room on the connections that there are, and on every later one. */
  join(roomId: string, since: Position | undefined): Promise<RoomJoined> {
    const room = this.#rooms.get(roomId) ?? this.#add(roomId, since);
    room.wanted = true;
    const [connection] = this.#listener.connections();
    if (connection?.joined.has(roomId) && room.position !== undefined) {
      return Promise.resolve({ roomId, recovered: true, ...room.position });
    }
    const joined = room.whenJoined();
    for (const open of this.#listener.connections()) void this.#enter(roomId, room, open);
    return joined;
  }

  /** Leaves a room on every connection. */
  async leave(roomId: string): Promise<void> {
    const room = this.#rooms.get(roomId);
    if (room === undefined) return this.#leaving.get(roomId);
    room.wanted = false;
    // API Gateway may run two frames at once: a leave must not overtake its join.
    await Promise.all(room.entering);
    // Joined again meanwhile, or left by another call.
    if (this.#rooms.get(roomId) !== room) return this.#leaving.get(roomId);
    if (room.wanted) return;
    this.#remove(roomId, room, new RoomcastError("left", "the room was left before it was joined"));
    const open = this.#listener.connections().filter((connection) => connection.asked.delete(roomId));
    for (const connection of open) connection.joined.delete(roomId);
    const leaving = Promise.all(open.map((connection) => this.#leaveOn(connection, roomId)))
      .then(() => undefined)
      .finally(() => this.#leaving.delete(roomId));
    this.#leaving.set(roomId, leaving);
    return leaving;
  }

  /** Brings a connection into all rooms; resolves when it is in them, or gone. */
  async enter(connection: Connection): Promise<void> {
    const missing = () => [...this.#rooms].filter(([roomId, room]) => room.wanted && !connection.joined.has(roomId));
    for (let rooms = missing(); rooms.length > 0 && !connection.closed; rooms = missing()) {
      await Promise.all(rooms.map(([roomId, room]) => this.#enter(roomId, room, connection)));
    }
  }

  /** Stops everything: the client is closed. */
  close(): void {
    for (const [roomId, room] of this.#rooms) this.#remove(roomId, room, closed());
  }

  /** Joins a room on a connection. A join must not overtake a leave either: the leave would have the last word. */
  async #enter(roomId: string, room: Room, connection: Connection): Promise<void> {
    await this.#leaving.get(roomId)?.catch(() => undefined);
    if (room.wanted) await room.enter(connection);
  }

  #add(roomId: string, since: Position | undefined): Room {
    const room: Room = new Room(roomId, since, this.#settings, {
      message: (message) => this.#listener.message(message),
      joined: (joined) => this.#listener.joined(joined),
      entered: () => this.#listener.changed(),
      refused: (error, told) => {
        if (this.#rooms.get(roomId) !== room) return;
        this.#remove(roomId, room, error);
        if (!told) this.#listener.failed(error);
      },
      connection: () => this.#listener.connections()[0],
    });
    this.#rooms.set(roomId, room);
    return room;
  }

  #remove(roomId: string, room: Room, error: RoomcastError): void {
    room.stop(error);
    this.#rooms.delete(roomId);
    this.#listener.changed();
  }

  async #leaveOn(connection: Connection, roomId: string): Promise<void> {
    const { requestTimeout, retryBase, retryMax } = this.#settings;
    const until = Date.now() + requestTimeout;
    for (let retry = 1; ; retry++) {
      try {
        await connection.request("leave", { roomId });
        return;
      } catch (reason) {
        // A connection that is gone is in no room.
        if (connection.closed) return;
        const error = reason as RoomcastError;
        if (error.action !== "retry" || Date.now() >= until) throw error;
        await connection.sleep((error.retryAfterMs ?? 0) + backoff(retry, retryBase, retryMax));
      }
    }
  }
}
