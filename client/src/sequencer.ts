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
  /** The newest seq that is known to be given away. */
  #head = 0;

  /** Makes a sequencer of a room, at a position that is known from before, if any. */
  constructor(deliver: (message: MessageFrame) => void, position?: Position) {
    this.#deliver = deliver;
    this.#position = position;
  }

  /** How far everything was delivered; undefined before the first page. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Whether there is something after the position that was not delivered: a message is missing. */
  get behind(): boolean {
    return this.#position !== undefined && this.#head > this.#position.seq;
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
   * of the deliveries and learns whether messages may have been missed.
   */
  page(page: Page, asked: Position | undefined, before: (missed: boolean) => void): void {
    const position = this.#position;
    if (position === undefined) {
      before(true);
      this.#moveTo(page.seq, page.epoch);
    } else if (position.seq > 0 && position.epoch !== page.epoch) {
      // A log that has started anew: nothing of the old one counts.
      this.forget();
      before(true);
      this.#settle(page, 0);
    } else if (asked === undefined) {
      // Another connection was answered first, and gets everything from there on.
      before(false);
    } else {
      before(!page.recovered && !this.#reaches(page, position.seq));
      this.#settle(page, position.seq);
    }
    this.heard(page.seq);
    this.#advance();
  }

  /** Starts over, because the server does not know the position. */
  forget(): void {
    this.#position = undefined;
    this.#ahead.clear();
    this.#head = 0;
  }

  /** Whether a page of the newest messages goes on from a seq all the same: the position has moved since the question. */
  #reaches(page: Page, seq: number): boolean {
    const first = page.messages[0];
    return page.seq <= seq || (first !== undefined && first.seq <= seq + 1);
  }

  /** Delivers the page's messages and those that came before it; what it does not hold up to its seq will never come. */
  #settle(page: Page, from: number): void {
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
