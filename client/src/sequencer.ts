import type { MessageFrame, Page, Position } from "./frames.js";

/** So many messages after a missing one are kept; what comes ahead of more is asked for again. */
const MAX_AHEAD = 1000;

/**
 * Puts the messages of one room in order: each is delivered once, and none
 * before an earlier one that may still come.
 *
 * It knows nothing of connections and time. Messages and pages may be given to
 * it in any order, any number of times, from any number of connections.
 */
export class Sequencer {
  readonly #deliver: (message: MessageFrame) => void;
  readonly #ahead = new Map<number, MessageFrame>();
  #position: Position | undefined;
  /**
   * The position after which everything was delivered or is to be. It is ahead
   * of the other where the server replays nothing in between: what is missing
   * there may come by itself, but it is not asked for again.
   */
  #began: Position | undefined;
  /** Whether the newest page that was not whole has brought nothing. */
  #stuck = false;
  /** The newest seq that is known to be given away. */
  #head = 0;

  /** Makes a sequencer of a room, at a position that is known from before, if any. */
  constructor(deliver: (message: MessageFrame) => void, position?: Position) {
    this.#deliver = deliver;
    this.#position = this.#began = position;
  }

  /** How far everything was delivered; undefined before the first page. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Whether a message is missing after the position that the server may replay, or that others wait for. */
  get behind(): boolean {
    if (this.#position === undefined) return false;
    return this.#ahead.size > 0 || this.#head > Math.max(this.#position.seq, this.#began?.seq ?? 0);
  }

  /** Whether everything after a position was delivered or is to be. */
  covers({ seq, epoch }: Position): boolean {
    if (this.#began === undefined || seq < this.#began.seq) return false;
    // The beginning is the same in every log, and an empty one has no name yet.
    return seq === 0 || epoch === this.#position?.epoch;
  }

  /** Takes a message that was sent to the room. */
  message(message: MessageFrame): void {
    this.heard(message.seq);
    if (message.seq <= (this.#position?.seq ?? 0)) return;
    this.#ahead.set(message.seq, message);
    this.#advance();
    // The earliest are the ones that the others wait for.
    if (this.#ahead.size > MAX_AHEAD) this.#ahead.delete(Math.max(...this.#ahead.keys()));
  }

  /** Takes the word that the room has come as far as `seq`. */
  heard(seq: number): void {
    this.#head = Math.max(this.#head, seq);
  }

  /**
   * Takes the reply to a join or a history that asked for what follows `asked`,
   * a position that this sequencer had, or for nothing. `before` is called ahead
   * of the deliveries and learns whether messages may have been missed, and
   * after which position they go on.
   */
  page(page: Page, asked: Position | undefined, before: (missed: boolean, from: Position) => void): void {
    const position = this.#position;
    if (position === undefined) {
      this.#begin({ seq: page.seq, epoch: page.epoch }, before);
    } else if (position.seq > 0 && position.epoch !== page.epoch) {
      // A log that has started anew: nothing of the old one counts.
      this.forget();
      this.#resume(page, before);
    } else if (asked === undefined || asked.seq > position.seq) {
      // Another connection was answered first, and gets everything from there on.
      before(false, position);
    } else if (page.recovered || page.seq <= position.seq) {
      before(false, position);
      this.#settle(page, position.seq);
    } else if (page.messages.length === 0) {
      this.#withhold(page, position, before);
    } else {
      this.#resume(page, before);
    }
    this.heard(page.seq);
    this.#advance();
  }

  /** Gives up what the first message ahead waits for, and delivers that, if the server does not replay what is missing; whether it did. */
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
   * Takes the word that nothing is replayed of what is missing up to the page's
   * seq, as to a member that may not read the history. It may be on its way all
   * the same, so that the position stays.
   */
  #withhold({ seq, epoch }: Page, position: Position, before: (missed: boolean, from: Position) => void): void {
    const from = (this.#position = { seq: position.seq, epoch });
    const known = this.#began !== undefined && seq <= this.#began.seq;
    if (!known) this.#began = { seq, epoch };
    before(!known, from);
  }

  /**
   * Goes on with a page of the newest messages, which is not whole: from its
   * first one, or from the position if it reaches back so far. A hole in it may
   * be one that is still being filled, so it is asked for; only when that has
   * led nowhere is it passed over.
   */
  #resume(page: Page, before: (missed: boolean, from: Position) => void): void {
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
    if (this.#stuck) return this.#settle(page, last);
    this.#advance();
    this.#stuck = this.#position?.seq === last;
  }

  /** Begins anew after a position: what lies before it was not delivered, and will not be. */
  #begin(from: Position, before: (missed: boolean, from: Position) => void): void {
    this.#began = from;
    this.#stuck = false;
    this.#moveTo(from.seq, from.epoch);
    before(true, from);
  }

  /** Delivers the page's messages and those that came before it; what it does not hold up to its seq will never come. */
  #settle(page: Page, from: number): void {
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

  /** Delivers as far as there is no hole. */
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
