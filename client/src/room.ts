import { backoff } from "./backoff.js";
import type { Connection } from "./connection.js";
import { RoomcastError } from "./errors.js";
import type { RoomJoined } from "./events.js";
import type { JoinedFrame, MessageFrame, Page, Position } from "./frames.js";
import type { Settings } from "./options.js";
import { outgoing } from "./outgoing.js";
import { Sequencer } from "./sequencer.js";

/** What a Room tells its owner. */
export interface RoomListener {
  /** The next message of the room. */
  message(message: MessageFrame): void;
  /** The room was joined; not told of joins that made whole what a hole or a planned rollover left open. */
  joined(joined: RoomJoined): void;
  /** The server has said about how many members the room has. */
  counted(members: number): void;
  /** A connection is in the room now. */
  entered(): void;
  /** The room has no place for the connection in use now; it is joined when there is one. */
  full(error: RoomcastError): void;
  /** The server will not have the client in the room; `told` when a promise says so. */
  refused(error: RoomcastError, told: boolean): void;
  /** The connection in use. */
  connection(): Connection | undefined;
}

interface Waiter {
  /** Where the application wants to go on from, if it said so. */
  readonly since: Position | undefined;
  readonly timer: ReturnType<typeof setTimeout>;
  resolve(joined: RoomJoined): void;
  reject(error: RoomcastError): void;
}

/**
 * A room that the client is to be in: its messages in order, and how the client
 * gets into it on every connection. A join with the room's position is also how
 * a missing message is asked for.
 */
export class Room {
  /** Whether the application wants to be in it; false while it is being left: it tells of no message any more. */
  wanted = true;
  /** Whether the client is to be in it all the same, because messages to it have no answer yet. */
  stays = true;
  readonly #roomId: string;
  readonly #settings: Settings;
  readonly #listener: RoomListener;
  readonly #sequencer: Sequencer;
  readonly #entering = new Map<Connection, Promise<void>>();
  /** Whether it was joined, on whatever connection. */
  #known = false;
  #holeTimer: ReturnType<typeof setTimeout> | undefined;
  /** How often in a row a missing message was asked for in vain. */
  #inVain = 0;
  #waiters: Waiter[] = [];

  /** Makes a room whose messages up to `since` are known already. */
  constructor(roomId: string, since: Position | undefined, settings: Settings, listener: RoomListener) {
    this.#roomId = roomId;
    this.#settings = settings;
    this.#listener = listener;
    const deliver = (message: MessageFrame) => {
      // A listener may have left the room or closed the client meanwhile.
      if (this.wanted) listener.message(message);
    };
    this.#sequencer = new Sequencer(deliver, since);
  }

  /** How far its messages were delivered. */
  get position(): Position | undefined {
    return this.#sequencer.position;
  }

  /** The joins that are under way. */
  get entering(): readonly Promise<void>[] {
    return [...this.#entering.values()];
  }

  /** Resolves with the next reply to a join; rejected when the room is refused, or none comes in time. */
  whenJoined(since: Position | undefined): Promise<RoomJoined> {
    const { requestTimeout } = this.#settings;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(new RoomcastError("timeout", `the room was not joined within ${requestTimeout} ms`));
      }, requestTimeout);
      const waiter: Waiter = { since, resolve, reject, timer };
      this.#waiters.push(waiter);
    });
  }

  /** How the room, which is joined already, goes on for somebody who knows everything up to `since`; undefined before its first reply. */
  standing(since: Position | undefined): RoomJoined | undefined {
    const { position } = this.#sequencer;
    if (position === undefined) return undefined;
    return { roomId: this.#roomId, recovered: since === undefined || this.#sequencer.covers(since), ...position };
  }

  /** Tells that a connection is in the room on which it was joined in silence, for a rollover. */
  announce(connection: Connection): void {
    const standing = this.standing(undefined);
    if (this.wanted && standing !== undefined && connection.joined.has(this.#roomId)) this.#listener.joined(standing);
  }

  /** Joins it on the connection, or joins it again; resolves when it is joined, refused, or the connection is gone. */
  enter(connection: Connection): Promise<void> {
    const under = this.#entering.get(connection);
    if (under !== undefined) return under;
    const entering = this.#enter(connection).finally(() => {
      this.#entering.delete(connection);
      this.#watch();
    });
    this.#entering.set(connection, entering);
    return entering;
  }

  /** Takes a message that was sent to it. */
  message(message: MessageFrame): void {
    this.#sequencer.message(message);
    this.#watch();
  }

  /** Takes the word of where the room's log ends. */
  heard(seq: number): void {
    this.#sequencer.heard(seq);
    this.#watch();
  }

  /** Takes the word of about how many members it has, if the server said so. */
  counted(members: number | undefined): void {
    if (this.wanted && members !== undefined) this.#listener.counted(members);
  }

  /** Stops its timers, because the client is out of it; the error is for those who wait to be in. */
  stop(error: RoomcastError): void {
    this.wanted = this.stays = false;
    clearTimeout(this.#holeTimer);
    this.#settle((waiter) => waiter.reject(error));
  }

  async #enter(connection: Connection): Promise<void> {
    const { retryBase, retryMax, pingInterval } = this.#settings;
    const heartbeat = Math.min(600, Math.max(1, Math.ceil(pingInterval / 1000)));
    for (let retry = 1; this.stays && !connection.closed; retry++) {
      const asked = this.#sequencer.position;
      try {
        const since = asked && { since: asked.seq, epoch: asked.epoch };
        connection.asked.add(this.#roomId);
        const frame = await connection.request(outgoing("join", { roomId: this.#roomId, ...since, heartbeat }));
        await this.#joined(frame, asked, connection);
        return;
      } catch (reason) {
        const error = reason as RoomcastError;
        if (error.reaction === "refetch" && asked !== undefined) {
          // Not if another connection's reply has put it right meanwhile.
          if (this.#sequencer.position?.epoch === asked.epoch) this.#sequencer.forget();
        } else if (error.reaction === "retry" || error.reaction === "join" || this.#waitsForPlace(error, connection)) {
          await connection.sleep((error.retryAfterMs ?? 0) + backoff(retry, retryBase, retryMax));
        } else if (error.reaction === "refresh") {
          await connection.refresh();
        } else if (error.reaction !== "reconnect") {
          connection.asked.delete(this.#roomId);
          return this.#refused(error);
        }
      }
    }
  }

  /** Takes the reply to a join, and gets what did not fit into it. */
  async #joined(first: JoinedFrame, asked: Position | undefined, connection: Connection): Promise<void> {
    const news = !connection.joined.has(this.#roomId) && !connection.planned;
    connection.joined.add(this.#roomId);
    this.#known = true;
    this.counted(first.members);
    const joined = this.#take(first, asked, news);
    this.#settle(({ since, resolve }) => {
      const recovered = joined.recovered && (since === undefined || this.#sequencer.covers(since));
      resolve({ ...joined, recovered });
    });
    for (let page: Page = first; page.more === true && this.wanted; ) {
      const { seq, epoch } = page;
      page = await connection.request(outgoing("history", { roomId: this.#roomId, since: seq, epoch }));
      this.#take(page, { seq, epoch }, false);
    }
    this.#listener.entered();
  }

  /**
   * Whether the room is only full for now, and joined again later. The client's
   * own other connection may hold the place: the one that a rollover replaces,
   * or one that is dead, until the server notices. So the room is not given up,
   * and a rollover waits.
   */
  #waitsForPlace(error: RoomcastError, connection: Connection): boolean {
    if (error.code !== "limit_reached" || (!this.#known && !connection.planned)) return false;
    connection.joined.delete(this.#roomId);
    if (this.wanted && !connection.planned) this.#listener.full(error);
    return true;
  }

  #refused(error: RoomcastError): void {
    const told = this.#waiters.length > 0;
    this.stop(error);
    this.#listener.refused(error, told);
  }

  #settle(settle: (waiter: Waiter) => void): void {
    for (const waiter of this.#waiters.splice(0)) {
      clearTimeout(waiter.timer);
      settle(waiter);
    }
  }

  #take(page: Page, asked: Position | undefined, news: boolean): RoomJoined {
    let joined: RoomJoined = { roomId: this.#roomId, recovered: page.recovered, seq: page.seq, epoch: page.epoch };
    // A room that is being left takes no more.
    if (!this.wanted) return joined;
    this.#sequencer.page(page, asked, (missed, from) => {
      joined = { roomId: this.#roomId, recovered: !missed, ...from };
      if (missed) this.#inVain = 0;
      if (news || missed) this.#listener.joined(joined);
    });
    this.#watch();
    return joined;
  }

  /** Asks for a missing message that does not come by itself in time, or gives it up where that was in vain. */
  #watch(): void {
    const { holeWait, retryMax } = this.#settings;
    if (!this.wanted || !this.#sequencer.behind) {
      clearTimeout(this.#holeTimer);
      this.#holeTimer = undefined;
      this.#inVain = 0;
      return;
    }
    if (this.#holeTimer !== undefined) return;
    const since = this.#sequencer.position;
    const wait = Math.min(Math.max(holeWait, retryMax), holeWait * 2 ** this.#inVain);
    this.#holeTimer = setTimeout(() => {
      this.#holeTimer = undefined;
      const connection = this.#listener.connection();
      if (since?.seq !== this.#sequencer.position?.seq) {
        // That one has come; this is another hole, with a time of its own.
        this.#inVain = 0;
        this.#watch();
      } else if (this.#sequencer.skip()) {
        this.#watch();
      } else if (connection?.joined.has(this.#roomId) && !this.#entering.has(connection)) {
        this.#inVain++;
        void this.enter(connection);
      }
    }, wait);
  }
}
