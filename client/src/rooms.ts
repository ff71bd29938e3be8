import { backoff } from "./backoff.js";
import type { Connection } from "./connection.js";
import { RoomcastError } from "./errors.js";
import type { RoomJoined, RoomLeft } from "./events.js";
import type { MessageFrame, Position } from "./frames.js";
import type { Settings } from "./options.js";
import { outgoing } from "./outgoing.js";
import { Room } from "./room.js";

/** What Rooms need. */
export interface RoomsListener {
  /** The next message of a room. */
  message(message: MessageFrame): void;
  /** A room was joined. */
  joined(joined: RoomJoined): void;
  /** The server has said about how many members a room has. */
  counted(roomId: string, members: number): void;
  /** Which rooms a connection is in, or is to be in, has changed. */
  changed(): void;
  /** A room that was joined before cannot be joined again, or not now. */
  failed(error: RoomcastError): void;
  /** The client is out of a room that it was in, and that it did not leave. */
  left(left: RoomLeft): void;
  /** The client may not be in a room: what waits to be asked or sent there is of no use. */
  refused(roomId: string, error: RoomcastError): void;
  /** The connections on which rooms are joined, the one in use first. */
  connections(): readonly Connection[];
  /** Resolves when the messages that were sent to a room so far have their answers. */
  settled(roomId: string): Promise<void>;
}

/** A leave that has begun. */
interface Leaving {
  /** The room; none when it was left before and the client got into it all the same. */
  readonly room?: Room;
  readonly done: Promise<void>;
}

/** The rooms that the client is in or on the way into, on whatever connection. */
export class Rooms {
  readonly #settings: Settings;
  readonly #listener: RoomsListener;
  readonly #rooms = new Map<string, Room>();
  /** The leaves that are not done yet. A room that is joined again meanwhile is another one, and waits. */
  readonly #leaving = new Map<string, Leaving>();

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
    return this.#rooms.get(roomId);
  }

  /** The room that the client is to be in on the connections: the one that is being left, while it waits for answers. */
  present(roomId: string): Room | undefined {
    const leaving = this.#leaving.get(roomId);
    if (leaving === undefined) return this.#rooms.get(roomId);
    return leaving.room?.stays === true ? leaving.room : undefined;
  }

  /** Whether a request about a room has to wait until the room is joined on the connection. */
  waits(roomId: string, connection: Connection): boolean {
    return this.present(roomId) === undefined ? this.#rooms.has(roomId) : !connection.joined.has(roomId);
  }

  /** Takes a message that was sent to a room on a connection. */
  message(message: MessageFrame, connection: Connection): void {
    const { roomId } = message;
    // One that is being left tells nothing; joined again, it asks for what it misses.
    if (this.#leaving.has(roomId)) return;
    const room = this.#rooms.get(roomId);
    if (room !== undefined) room.message(message);
    else if (connection === this.#listener.connections()[0]) this.#stray(roomId, connection);
  }

  /**
   * Undefined unless the room is being left. Then it resolves when that is done,
   * if the room is joined after it; else it is rejected.
   */
  left(roomId: string): Promise<void> | undefined {
    const done = this.#leaving.get(roomId)?.done;
    if (done === undefined || this.#rooms.has(roomId)) return done?.catch(() => undefined);
    return Promise.reject(new RoomcastError("not_in_room", "the room is being left"));
  }

  /** Joins a room on the connections that there are, and on every later one. */
  join(roomId: string, since: Position | undefined): Promise<RoomJoined> {
    const room = this.#rooms.get(roomId) ?? this.#add(roomId, since);
    const [connection] = this.#listener.connections();
    const standing = room.standing(since);
    if (connection?.joined.has(roomId) && !this.#leaving.has(roomId) && standing !== undefined) return Promise.resolve(standing);
    const joined = room.whenJoined(since);
    for (const open of this.#listener.connections()) void this.#enter(roomId, room, open);
    return joined;
  }

  /** Leaves a room on every connection, after the messages to it that have no answer yet. */
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
    // While another leave of that name goes on, this room was never joined.
    if (before === undefined) this.#leaving.set(roomId, { room, done });
    return done;
  }

  /** Brings a connection into all rooms; resolves when it is in them, or gone. */
  async enter(connection: Connection): Promise<void> {
    for (let rooms = this.#missing(connection); rooms.length > 0 && !connection.closed; rooms = this.#missing(connection)) {
      await Promise.all(rooms.map(([roomId, room]) => this.#enter(roomId, room, connection)));
    }
  }

  /** Tells `joined` of the rooms that were joined on a connection in silence. */
  announce(connection: Connection): void {
    for (const room of [...this.#rooms.values()]) room.announce(connection);
  }

  /** Takes the word that the server has a connection out of rooms, because its new token does not permit them. */
  revoke(roomIds: readonly string[], connection: Connection): void {
    for (const roomId of roomIds) {
      connection.joined.delete(roomId);
      // A join that was under way may have brought it in all the same.
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

  /** The rooms that a connection is to be in and is not. */
  #missing(connection: Connection): [string, Room][] {
    const staying = [...this.#leaving].flatMap(([roomId, { room }]): [string, Room][] => (room?.stays === true ? [[roomId, room]] : []));
    return [
      ...staying.filter(([roomId]) => !connection.joined.has(roomId)),
      ...[...this.#rooms].filter(([roomId]) => this.#leaving.has(roomId) || !connection.joined.has(roomId)),
    ];
  }

  async #leave(roomId: string, room: Room, before: Promise<void> | undefined): Promise<void> {
    if (before !== undefined) {
      room.stop(leftEarly());
      return before;
    }
    await this.#listener.settled(roomId);
    room.stays = false;
    // API Gateway may run two frames at once: a leave must not overtake its join.
    while (room.entering.length > 0) await Promise.all(room.entering);
    room.stop(leftEarly());
    const open = this.#listener.connections().filter((connection) => connection.asked.delete(roomId));
    for (const connection of open) connection.joined.delete(roomId);
    this.#listener.changed();
    await Promise.all(open.map((connection) => this.#leaveOn(connection, roomId)));
  }

  /** Joins a room on a connection. A join must not overtake a leave either: the leave would have the last word. */
  async #enter(roomId: string, room: Room, connection: Connection): Promise<void> {
    const leaving = this.#leaving.get(roomId);
    if (leaving?.room !== room) await leaving?.done.catch(() => undefined);
    if (room.stays) await room.enter(connection);
  }

  /** Takes a message of a room that is not wanted: a late copy of a join may have come after the leave, so it is left again. */
  #stray(roomId: string, connection: Connection): void {
    const left = connection.left.get(roomId);
    // A message may be on its way while the room is left.
    if (left === undefined || Date.now() - left < this.#settings.requestTimeout) return;
    const done = this.#leaveOn(connection, roomId).finally(() => this.#leaving.delete(roomId));
    this.#leaving.set(roomId, { done });
    done.catch((error: RoomcastError) => this.#listener.failed(error));
  }

  #add(roomId: string, since: Position | undefined): Room {
    const room: Room = new Room(roomId, since, this.#settings, {
      message: (message) => this.#listener.message(message),
      joined: (joined) => this.#listener.joined(joined),
      counted: (members) => this.#listener.counted(roomId, members),
      entered: () => this.#listener.changed(),
      full: (error) => this.#listener.failed(error),
      refused: (error, told) => {
        const wanted = this.#rooms.get(roomId) === room;
        if (wanted) this.#rooms.delete(roomId);
        this.#listener.changed();
        if (!wanted) return;
        this.#listener.refused(roomId, error);
        if (told) return;
        this.#listener.failed(error);
        if (room.position !== undefined) this.#listener.left({ roomId, error });
      },
      connection: () => this.#listener.connections()[0],
    });
    this.#rooms.set(roomId, room);
    return room;
  }

  async #leaveOn(connection: Connection, roomId: string): Promise<void> {
    const { requestTimeout, retryBase, retryMax } = this.#settings;
    connection.left.set(roomId, Date.now());
    const until = Date.now() + requestTimeout;
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
