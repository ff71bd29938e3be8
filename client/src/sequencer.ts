import type { RoomMessage, PageFields, Position } from "./frames.js";

/** This many messages after a missing one are kept; further ones are requested again. */
const MAX_AHEAD = 1000;

/**
 * Puts the messages of one room in order: each is delivered once, and none
 * before an earlier one that may still come.
 *
 * It knows neither connections nor time. Messages and pages may arrive in any
 * order, any number of times, from any number of connections.
 */
export class Sequencer {
  readonly #deliver: (message: RoomMessage) => void;
  readonly #ahead = new Map<number, RoomMessage>();
  #position: Position | undefined;
  /**
   * The position after which everything was or will be delivered. It is ahead of
   * the other if the server replays nothing in between: what is missing there may
   * still arrive, but is not requested again.
   */
  #began: Position | undefined;
  /** Whether the newest page with a gap brought nothing new. */
  #stuck = false;
  /** The newest seq that is known to be in use. */
  #head = 0;

  /** Makes a sequencer of a room, at a stored position if there is one. */
  constructor(deliver: (message: RoomMessage) => void, position?: Position) {
    this.#deliver = deliver;
    this.#position = this.#began = position;
  }

  /** How far everything was delivered; undefined before the first page. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Whether a message is missing that the server may replay, or for which others wait. */
  get behind(): boolean {
    if (this.#position === undefined) return false;
    return this.#ahead.size > 0 || this.#head > Math.max(this.#position.seq, this.#began?.seq ?? 0);
  }

  /** Whether everything after a position was or will be delivered. */
  covers({ seq, epoch }: Position): boolean {
    if (this.#began === undefined || seq < this.#began.seq) return false;
    // The start is the same in every log, and an empty log has no name yet.
    return seq === 0 || epoch === this.#position?.epoch;
  }

  /** Takes a message that was sent to the room. */
  message(message: RoomMessage): void {
    this.heard(message.seq);
    if (message.seq <= (this.#position?.seq ?? 0)) return;
    this.#ahead.set(message.seq, message);
    this.#advance();
    // The others wait for the earliest ones.
    if (this.#ahead.size > MAX_AHEAD) this.#ahead.delete(Math.max(...this.#ahead.keys()));
  }

  /** Takes the newest seq of the room. */
  heard(seq: number): void {
    this.#head = Math.max(this.#head, seq);
  }

  /**
   * Takes the reply to a join or a history from `asked`, a position that this
   * sequencer had, or from none. `before` is called ahead of the deliveries, with
   * whether messages may have been missed, and the position after which they
   * continue.
   */
  page(page: PageFields, asked: Position | undefined, before: (missed: boolean, from: Position) => void): void {
    const position = this.#position;
    if (position === undefined) {
      this.#begin({ seq: page.seq, epoch: page.epoch }, before);
    } else if (position.seq > 0 && position.epoch !== page.epoch) {
      // The log has restarted: nothing of the old one counts.
      this.forget();
      this.#resume(page, before);
    } else if (asked === undefined || asked.seq > position.seq) {
      // Another connection was answered first, and receives everything from there on.
      before(false, position);
    } else if (page.recovered || page.seq <= position.seq) {
      before(false, position);
      this.#resolve(page, position.seq);
    } else if (page.messages.length === 0) {
      this.#withhold(page, position, before);
    } else {
      this.#resume(page, before);
    }
    this.heard(page.seq);
    this.#advance();
  }

  /** If the server does not replay what is missing, skips it and delivers the next message. Returns whether it did. */
  skip(): boolean {
    if (this.#position === undefined || this.#began === undefined || this.#ahead.size === 0) return false;
    const seq = Math.min(...this.#ahead.keys()) - 1;
    if (seq > this.#began.seq) return false;
    this.#position = { seq, epoch: this.#position.epoch };
    this.#advance();
    return true;
  }

  /** Starts over, because the server does not know the position. */
  forget(): void {
    this.#position = this.#began = undefined;
    this.#stuck = false;
    this.#ahead.clear();
    this.#head = 0;
  }

  /**
   * The server does not replay what is missing up to the page's seq, as for a
   * member without the permission `history`. It may still be on its way, so the
   * position stays.
   */
  #withhold({ seq, epoch }: PageFields, position: Position, before: (missed: boolean, from: Position) => void): void {
    const from = (this.#position = { seq: position.seq, epoch });
    const known = this.#began !== undefined && seq <= this.#began.seq;
    if (!known) this.#began = { seq, epoch };
    before(!known, from);
  }

  /**
   * Continues with a page of the newest messages that does not reach back to the
   * position: from its first message, or from the position if that is in it. A
   * gap in the page may still be filled, so it is requested once before it is
   * skipped.
   */
  #resume(page: PageFields, before: (missed: boolean, from: Position) => void): void {
    const position = this.#position;
    const last = position?.seq ?? 0;
    for (const message of page.messages) if (message.seq > last) this.#ahead.set(message.seq, message);
    let seq = page.messages[0] === undefined ? page.seq : page.messages[0].seq - 1;
    while (seq > last && this.#ahead.has(seq)) seq--;
    if (position === undefined || seq > last) {
      this.#begin({ seq, epoch: page.epoch }, before);
      return;
    }
    before(false, position);
    if (this.#stuck) return this.#resolve(page, last);
    this.#advance();
    this.#stuck = this.#position?.seq === last;
  }

  /** Continues after a position: what lies before it will not be delivered. */
  #begin(from: Position, before: (missed: boolean, from: Position) => void): void {
    this.#began = from;
    this.#stuck = false;
    this.#moveTo(from.seq, from.epoch);
    before(true, from);
  }

  /** Delivers the page's messages and those that arrived before it. What it leaves out up to its seq does not exist. */
  #resolve(page: PageFields, from: number): void {
    this.#stuck = false;
    const known = new Map([...this.#ahead.values(), ...page.messages].map((message) => [message.seq, message]));
    const due = [...known.values()].filter(({ seq }) => seq > from && seq <= page.seq).sort((a, b) => a.seq - b.seq);
    for (const message of due) {
      this.#position = { seq: message.seq, epoch: page.epoch };
      this.#deliver(message);
    }
    if (page.seq >= from) this.#moveTo(page.seq, page.epoch);
  }

  #moveTo(seq: number, epoch: string): void {
    this.#position = { seq, epoch };
    for (const ahead of this.#ahead.keys()) if (ahead <= seq) this.#ahead.delete(ahead);
  }

  /** Delivers up to the first gap. */
  #advance(): void {
    while (this.#position !== undefined) {
      const { seq, epoch }: Position = this.#position;
      const next = this.#ahead.get(seq + 1);
      if (next === undefined) return;
      this.#ahead.delete(seq + 1);
      // The id of a room's first message is the name of its log.
      this.#position = { seq: seq + 1, epoch: seq === 0 && epoch === "" ? next.id : epoch };
      this.#deliver(next);
    }
  }
}
