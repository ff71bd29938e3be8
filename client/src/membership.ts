import { backoff } from "./backoff.js";
import type { Connection } from "./connection.js";
import { RoomcastError } from "./errors.js";
import type { JoinedFrame, RoomMessage, PageFields, Position } from "./frames.js";
import type { Settings } from "./options.js";
import { outgoing } from "./outgoing.js";
import { Sequencer } from "./sequencer.js";
import type { Joined } from "./types.js";

/** What a Membership reports to its owner. */
export interface MembershipListener {
  /** The next message of the room. */
  message(message: RoomMessage): void;
  /** The room was joined. Not called for a join that filled a gap or prepared a rollover. */
  joined(joined: Joined): void;
  /** The server reported about how many members the room has. */
  counted(members: number): void;
  /** A connection is in the room now. */
  entered(): void;
  /** The room is full for the connection in use; it is joined when there is a place. */
  full(error: RoomcastError): void;
  /** The server refuses the client in the room; `reported` if a promise was rejected with it. */
  refused(error: RoomcastError, reported: boolean): void;
  /** The connection in use. */
  connection(): Connection | undefined;
}

interface Waiter {
  /** The position that the application gave, if any. */
  readonly since: Position | undefined;
  readonly timer: ReturnType<typeof setTimeout>;
  resolve(joined: Joined): void;
  reject(error: RoomcastError): void;
}

/**
 * The client's membership of a room: its messages in order, and its joins on
 * each connection. A join with the room's position also requests missing
 * messages.
 */
export class Membership {
  /** Whether the application wants to be in it. False while it is being left: then it delivers no message. */
  wanted = true;
  /** Whether the client stays in it for now, because messages to it are pending. */
  stays = true;
  readonly #roomId: string;
  readonly #settings: Settings;
  readonly #listener: MembershipListener;
  readonly #sequencer: Sequencer;
  readonly #entering = new Map<Connection, Promise<void>>();
  /** Whether it was joined on any connection. */
  #known = false;
  #gapTimer: ReturnType<typeof setTimeout> | undefined;
  /** How often in a row a missing message was requested without success. */
  #inVain = 0;
  #waiters: Waiter[] = [];

  /** Makes a membership that has the messages up to `since`. */
  constructor(roomId: string, since: Position | undefined, settings: Settings, listener: MembershipListener) {
    this.#roomId = roomId;
    this.#settings = settings;
    this.#listener = listener;
    const deliver = (message: RoomMessage) => {
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

  /** Resolves with the next reply to a join. Rejected if the room is refused, or no reply arrives in time. */
  whenJoined(since: Position | undefined): Promise<Joined> {
    const { callTimeout } = this.#settings;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(new RoomcastError("timeout", `the room was not joined within ${callTimeout} ms`));
      }, callTimeout);
      const waiter: Waiter = { since, resolve, reject, timer };
      this.#waiters.push(waiter);
    });
  }

  /** What a join from `since` returns in a room that is joined already; undefined before its first reply. */
  standing(since: Position | undefined): Joined | undefined {
    const { position } = this.#sequencer;
    if (position === undefined) return undefined;
    return { roomId: this.#roomId, position, recovered: since === undefined || this.#sequencer.covers(since) };
  }

  /** Reports a join that was made for a rollover, on a connection that now replaces a lost one. */
  announce(connection: Connection): void {
    const standing = this.standing(undefined);
    if (this.wanted && standing !== undefined && connection.joined.has(this.#roomId)) this.#listener.joined(standing);
  }

  /** Joins it on the connection, also again. Resolves when it is joined or refused, or the connection is gone. */
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

  /** Takes a message of the room. */
  message(message: RoomMessage): void {
    this.#sequencer.message(message);
    this.#watch();
  }

  /** Takes the newest seq of the room's log. */
  heard(seq: number): void {
    this.#sequencer.heard(seq);
    this.#watch();
  }

  /** Takes about how many members it has, if the server reported it. */
  counted(members: number | undefined): void {
    if (this.wanted && members !== undefined) this.#listener.counted(members);
  }

  /** Stops: the client is out of it. Pending joins are rejected with the error. */
  stop(error: RoomcastError): void {
    this.wanted = this.stays = false;
    clearTimeout(this.#gapTimer);
    this.#answer((waiter) => waiter.reject(error));
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
          // Unless another connection's reply has corrected it meanwhile.
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

  /** Takes the reply to a join, and fetches what did not fit into it. */
  async #joined(first: JoinedFrame, asked: Position | undefined, connection: Connection): Promise<void> {
    const news = !connection.joined.has(this.#roomId) && !connection.planned;
    connection.joined.add(this.#roomId);
    this.#known = true;
    this.counted(first.members);
    const joined = this.#take(first, asked, news);
    this.#answer(({ since, resolve }) => {
      const recovered = joined.recovered && (since === undefined || this.#sequencer.covers(since));
      resolve({ ...joined, recovered });
    });
    for (let page: PageFields = first; page.more === true && this.wanted; ) {
      const { seq, epoch } = page;
      page = await connection.request(outgoing("history", { roomId: this.#roomId, since: seq, epoch }));
      this.#take(page, { seq, epoch }, false);
    }
    this.#listener.entered();
  }

  /**
   * Whether the room is full for now and is joined again later. The client's
   * other connection may hold the place: one that a rollover replaces, or a dead
   * one that the server has not noticed. So the room is kept, and a rollover
   * waits.
   */
  #waitsForPlace(error: RoomcastError, connection: Connection): boolean {
    if (error.code !== "limit_reached" || (!this.#known && !connection.planned)) return false;
    connection.joined.delete(this.#roomId);
    if (this.wanted && !connection.planned) this.#listener.full(error);
    return true;
  }

  #refused(error: RoomcastError): void {
    const reported = this.#waiters.length > 0;
    this.stop(error);
    this.#listener.refused(error, reported);
  }

  #answer(answer: (waiter: Waiter) => void): void {
    for (const waiter of this.#waiters.splice(0)) {
      clearTimeout(waiter.timer);
      answer(waiter);
    }
  }

  #take(page: PageFields, asked: Position | undefined, news: boolean): Joined {
    let joined: Joined = { roomId: this.#roomId, position: { seq: page.seq, epoch: page.epoch }, recovered: page.recovered };
    // A room that is being left takes no more messages.
    if (!this.wanted) return joined;
    this.#sequencer.page(page, asked, (missed, from) => {
      joined = { roomId: this.#roomId, position: from, recovered: !missed };
      if (missed) this.#inVain = 0;
      if (news || missed) this.#listener.joined(joined);
    });
    this.#watch();
    return joined;
  }

  /** Requests a message that is missing for too long, or skips it if that was in vain. */
  #watch(): void {
    const { gapTimeout, retryMax } = this.#settings;
    if (!this.wanted || !this.#sequencer.behind) {
      clearTimeout(this.#gapTimer);
      this.#gapTimer = undefined;
      this.#inVain = 0;
      return;
    }
    if (this.#gapTimer !== undefined) return;
    const since = this.#sequencer.position;
    const wait = Math.min(Math.max(gapTimeout, retryMax), gapTimeout * 2 ** this.#inVain);
    this.#gapTimer = setTimeout(() => {
      this.#gapTimer = undefined;
      const connection = this.#listener.connection();
      if (since?.seq !== this.#sequencer.position?.seq) {
        // That gap was filled; this is another one, with its own time.
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
