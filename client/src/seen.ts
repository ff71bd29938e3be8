import type { JoinedFrame, MessageFrame } from "./protocol.js";

/** So many messages after a missed one are remembered, in case that it still comes. */
const MAX_AHEAD = 1000;

/** How far the messages of one room were seen without a hole: what the next join tells the server. */
export class Seen {
  #last: { seq: number; epoch: string } | undefined;
  /** The ids of messages by seq that came before an earlier one did. */
  readonly #ahead = new Map<number, string>();

  /** The fields of a join that ask for what was missed; none before the first join. */
  get since(): { since: number; epoch: string } | undefined {
    return this.#last && { since: this.#last.seq, epoch: this.#last.epoch };
  }

  /** Starts over from the reply to a join. */
  joined({ seq, epoch }: JoinedFrame): void {
    // Another epoch: what came ahead was of another log.
    if (this.#last !== undefined && this.#last.epoch !== epoch) this.#ahead.clear();
    this.#last = { seq, epoch };
    for (const ahead of this.#ahead.keys()) if (ahead <= seq) this.#ahead.delete(ahead);
    this.#advance(this.#last);
  }

  /** Counts a message in. It may come out of order, or overtake the reply to the join. */
  message({ seq, id }: MessageFrame): void {
    const last = this.#last?.seq ?? 0;
    // The next one is taken in any case: it may be what the others wait for.
    if (seq <= last || (seq > last + 1 && this.#ahead.size >= MAX_AHEAD)) return;
    this.#ahead.set(seq, id);
    if (this.#last !== undefined) this.#advance(this.#last);
  }

  /** Moves on as far as there is no hole: a missed message must not count as seen. */
  #advance(last: { seq: number; epoch: string }): void {
    for (let id = this.#ahead.get(last.seq + 1); id !== undefined; id = this.#ahead.get(last.seq + 1)) {
      last.seq++;
      this.#ahead.delete(last.seq);
      // An empty room has no epoch yet: the first message's id becomes it.
      if (last.seq === 1 && last.epoch === "") last.epoch = id;
    }
  }
}
