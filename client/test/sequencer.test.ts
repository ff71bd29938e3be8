import { describe, expect, it } from "vitest";

import type { PageFields, Position, RoomMessage } from "../src/frames.js";
import { Sequencer } from "../src/sequencer.js";
import { randomFrom, shuffled } from "./random.js";

const message = (seq: number): RoomMessage => ({ roomId: "r", seq, id: `m${seq}`, userId: "u", message: "", timestamp: 0 });
const page = (seq: number, epoch: string, messages: number[] = [], recovered = true): PageFields => ({ roomId: "r", seq, epoch, recovered, messages: messages.map(message) });

/** A sequencer that notes what it delivers, and where it was then. */
function make(position?: Position) {
  const seqs: number[] = [];
  const missed: boolean[] = [];
  const sequencer: Sequencer = new Sequencer(({ seq }) => {
    expect(sequencer.position?.seq).toBe(seq);
    seqs.push(seq);
  }, position);
  const reply = (answer: PageFields, asked: Position | "nothing" | undefined = sequencer.position) => {
    sequencer.page(answer, asked === "nothing" ? undefined : asked, (lost) => missed.push(lost));
  };
  return { seqs, missed, sequencer, reply };
}

describe("a room's messages", () => {
  it("begin after the head of the first join", () => {
    const { seqs, missed, sequencer, reply } = make();
    sequencer.message(message(4));
    sequencer.message(message(6));
    expect(sequencer.behind).toBe(false);
    reply(page(4, "e", [], false));
    sequencer.message(message(5));
    expect(seqs).toEqual([5, 6]);
    expect(missed).toEqual([true]);
    expect(sequencer.position).toEqual({ seq: 6, epoch: "e" });
  });

  it("begin after a stored position", () => {
    const { seqs, missed, sequencer, reply } = make({ seq: 2, epoch: "e" });
    sequencer.message(message(5));
    reply(page(4, "e", [3, 4]));
    expect(seqs).toEqual([3, 4, 5]);
    expect(missed).toEqual([false]);
  });

  it("wait for an earlier one, and come once", () => {
    const { seqs, sequencer } = make({ seq: 1, epoch: "e" });
    for (const seq of [3, 3, 4, 1]) sequencer.message(message(seq));
    expect(seqs).toEqual([]);
    expect(sequencer.behind).toBe(true);
    for (const seq of [2, 2, 3]) sequencer.message(message(seq));
    expect(seqs).toEqual([2, 3, 4]);
    expect(sequencer.behind).toBe(false);
  });

  it("go on over a number without a message once a reply has passed it", () => {
    const { seqs, sequencer, reply } = make({ seq: 1, epoch: "e" });
    sequencer.message(message(3));
    sequencer.message(message(5));
    reply(page(4, "e", [3, 4]));
    expect(seqs).toEqual([3, 4, 5]);
  });

  it("are missing while the server reports a newer seq", () => {
    const { sequencer, reply } = make({ seq: 1, epoch: "e" });
    sequencer.heard(2);
    expect(sequencer.behind).toBe(true);
    reply(page(2, "e"));
    expect(sequencer.behind).toBe(false);
  });

  it("that the server no longer keeps are reported, and the newest follow", () => {
    const { seqs, missed, sequencer, reply } = make({ seq: 1, epoch: "e" });
    sequencer.message(message(7));
    reply(page(9, "e", [8, 9], false));
    expect(seqs).toEqual([7, 8, 9]);
    expect(missed).toEqual([true]);
  });

  it("have no gap if a page of the newest reaches back to the position", () => {
    const { seqs, missed, sequencer, reply } = make({ seq: 1, epoch: "e" });
    const asked = sequencer.position;
    reply(page(5, "e", [4, 5], false));
    reply(page(6, "e", [5, 6], false), asked);
    expect(missed).toEqual([true, false]);
    expect(seqs).toEqual([4, 5, 6]);
  });

  it("begin at the first of a reply with a gap before it, and a gap within it is requested", () => {
    const { seqs, sequencer } = make({ seq: 1, epoch: "e" });
    const from: number[] = [];
    const reply = (answer: PageFields) => sequencer.page(answer, sequencer.position, (_, { seq }) => from.push(seq));
    reply(page(9, "e", [6, 8, 9], false));
    expect(seqs).toEqual([6]);
    expect(sequencer.position).toEqual({ seq: 6, epoch: "e" });
    expect(sequencer.behind).toBe(true);
    // It was still being filled.
    reply(page(9, "e", [7, 8, 9]));
    expect(seqs).toEqual([6, 7, 8, 9]);
    expect(from).toEqual([5, 6]);
  });

  it("go on over a gap that was requested twice without success", () => {
    const { seqs, missed, sequencer, reply } = make({ seq: 6, epoch: "e" });
    for (let i = 0; i < 2; i++) {
      expect(seqs).toEqual([]);
      reply(page(9, "e", [6, 8, 9], false));
    }
    expect(seqs).toEqual([8, 9]);
    expect(missed).toEqual([false, false]);
    expect(sequencer.behind).toBe(false);
  });

  it("cover a position of their log that is not before where they began", () => {
    const { sequencer, reply } = make({ seq: 1, epoch: "e" });
    const covered = () => [0, 1, 7, 8].map((seq) => sequencer.covers({ seq, epoch: "e" }));
    expect(covered()).toEqual([false, true, true, true]);
    reply(page(9, "e", [8, 9], false));
    expect(covered()).toEqual([false, false, true, true]);
    expect(sequencer.covers({ seq: 8, epoch: "another" })).toBe(false);
    expect(make({ seq: 0, epoch: "" }).sequencer.covers({ seq: 0, epoch: "any" })).toBe(true);
  });

  it("are not skipped by a second join without a position", () => {
    const { seqs, missed, sequencer, reply } = make();
    reply(page(3, "e", [], false), "nothing");
    reply(page(5, "e", [], false), "nothing");
    expect(sequencer.behind).toBe(true);
    for (const seq of [4, 5]) sequencer.message(message(seq));
    expect(missed).toEqual([true, false]);
    expect(seqs).toEqual([4, 5]);
  });

  it("start over with another log", () => {
    const { seqs, missed, sequencer, reply } = make({ seq: 8, epoch: "old" });
    sequencer.message(message(10));
    reply(page(2, "new", [1, 2]));
    sequencer.message(message(3));
    expect(seqs).toEqual([1, 2, 3]);
    expect(missed).toEqual([true]);
    expect(sequencer.position).toEqual({ seq: 3, epoch: "new" });
  });

  it("start over where the server does not know the position", () => {
    const { seqs, missed, sequencer, reply } = make({ seq: 8, epoch: "old" });
    sequencer.message(message(10));
    sequencer.forget();
    expect(sequencer.behind).toBe(false);
    reply(page(2, "new", [], false));
    sequencer.message(message(3));
    expect(seqs).toEqual([3]);
    expect(missed).toEqual([true]);
  });

  it("of an empty room name its log", () => {
    const { sequencer, reply } = make();
    reply(page(0, "", [], false));
    sequencer.message(message(2));
    sequencer.message(message(1));
    expect(sequencer.position).toEqual({ seq: 2, epoch: "m1" });
  });

  it("are bounded ahead of a missing one: the latest are asked for again", () => {
    const { seqs, sequencer, reply } = make({ seq: 0, epoch: "e" });
    for (let seq = 2; seq <= 1500; seq++) sequencer.message(message(seq));
    sequencer.message(message(1));
    expect(seqs).toHaveLength(1001);
    expect(sequencer.behind).toBe(true);
    reply(page(1500, "e", Array.from({ length: 499 }, (_, i) => 1002 + i)));
    expect(seqs).toEqual(Array.from({ length: 1500 }, (_, i) => i + 1));
  });
});

describe("old copies", () => {
  it("take no space from what arrives ahead", () => {
    const { seqs, sequencer } = make({ seq: 1500, epoch: "e" });
    for (let seq = 1; seq <= 1500; seq++) sequencer.message(message(seq));
    for (const seq of [1502, 1501]) sequencer.message(message(seq));
    expect(seqs).toEqual([1501, 1502]);
  });
});

describe("any interleaving of copies, losses and replies", () => {
  it.each(Array.from({ length: 200 }, (_, seed) => seed))("ends in every message once and in order (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const { seqs, missed, sequencer, reply } = make({ seq: 0, epoch: "e" });
    const head = 1 + Math.floor(random() * 40);
    const log = Array.from({ length: head }, (_, i) => i + 1).filter(() => random() < 0.85);
    const live = shuffled(log.flatMap((seq) => (random() < 0.2 ? [] : random() < 0.3 ? [seq, seq] : [seq])), random);
    // Replies to questions that were asked at any time before, from two connections.
    const asked: Position[] = [sequencer.position!];
    const answer = (from: Position, upTo: number) => {
      const messages = log.filter((seq) => seq > from.seq && seq <= upTo);
      reply(page(upTo, "e", messages), from);
    };
    for (const seq of live) {
      sequencer.message(message(seq));
      if (random() < 0.2) asked.push(sequencer.position!);
      const from = asked[Math.floor(random() * asked.length)]!;
      if (random() < 0.1) answer(from, from.seq + Math.floor(random() * (head - from.seq + 1)));
    }
    if (sequencer.position!.seq < head) answer(sequencer.position!, head);
    expect(seqs).toEqual(log);
    expect(sequencer.behind).toBe(false);
    expect(missed).not.toContain(true);
  });
});

describe("messages that the server does not replay", () => {
  it("are given up for those that wait, and reported once", () => {
    const { seqs, missed, sequencer, reply } = make({ seq: 5, epoch: "e" });
    sequencer.message(message(8));
    expect(sequencer.skip()).toBe(false);
    for (let i = 0; i < 2; i++) reply(page(10, "e", [], false));
    expect(missed).toEqual([true, false]);
    sequencer.message(message(7));
    expect(seqs).toEqual([]);
    expect(sequencer.behind).toBe(true);
    expect(sequencer.skip()).toBe(true);
    expect(seqs).toEqual([7, 8]);
    for (const seq of [6, 9]) sequencer.message(message(seq));
    expect(seqs).toEqual([7, 8, 9]);
    expect(sequencer.behind).toBe(false);
    sequencer.message(message(12));
    expect(sequencer.skip()).toBe(false);
    expect(sequencer.behind).toBe(true);
  });

  it("are not covered", () => {
    const { sequencer, reply } = make({ seq: 5, epoch: "e" });
    reply(page(10, "e", [], false));
    expect([5, 9, 10].map((seq) => sequencer.covers({ seq, epoch: "e" }))).toEqual([false, false, true]);
    expect(sequencer.behind).toBe(false);
    expect(sequencer.position).toEqual({ seq: 5, epoch: "e" });
  });

  it.each(Array.from({ length: 100 }, (_, seed) => seed))("take nothing along that comes in time (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const { seqs, sequencer, reply } = make({ seq: 5, epoch: "e" });
    const due = new Set<number>();
    for (let head = 6; head < 80; head++) {
      const seq = head - Math.floor(random() * Math.min(5, head - 5));
      if (seq > sequencer.position!.seq) due.add(seq);
      sequencer.message(message(seq));
      if (random() < 0.25) reply(page(head, "e", [], false));
      if (random() < 0.25) sequencer.skip();
    }
    reply(page(80, "e", [], false));
    while (sequencer.behind) expect(sequencer.skip()).toBe(true);
    expect(seqs).toEqual([...due].sort((a, b) => a - b));
  });
});
