import { describe, expect, it } from "vitest";

import type { JoinedFrame, MessageFrame } from "../src/index.js";
import { Recent } from "../src/recent.js";
import { Seen } from "../src/seen.js";

describe("recent ids", () => {
  it("are the last 1,000", () => {
    const recent = new Recent();
    for (let i = 0; i < 1001; i++) expect(recent.add(`id${i}`)).toBe(true);
    expect(recent.add("id1")).toBe(false);
    expect(recent.add("id1000")).toBe(false);
    expect(recent.add("id0")).toBe(true);
  });
});

describe("what was seen of a room", () => {
  const joined = (seq: number, epoch: string): JoinedFrame => ({ type: "joined", roomId: "r", seq, epoch, recovered: false, messages: [] });
  const message = (seq: number): MessageFrame => ({ type: "message", roomId: "r", seq, id: `m${seq}`, userId: "u", message: "", timestamp: 0 });

  it.each([
    { name: "nothing before a join", frames: [message(1)], since: undefined },
    { name: "the head at the join", frames: [joined(4, "e")], since: { since: 4, epoch: "e" } },
    { name: "messages in a row", frames: [joined(4, "e"), message(5), message(6)], since: { since: 6, epoch: "e" } },
    { name: "no message after a hole", frames: [joined(4, "e"), message(6), message(7)], since: { since: 4, epoch: "e" } },
    { name: "messages out of order", frames: [joined(4, "e"), message(6), message(5)], since: { since: 6, epoch: "e" } },
    { name: "a message that overtakes the join", frames: [message(5), joined(4, "e"), message(6)], since: { since: 6, epoch: "e" } },
    { name: "the epoch, from an empty room's first message", frames: [joined(0, ""), message(1)], since: { since: 1, epoch: "m1" } },
    { name: "the epoch, from a first message that comes second", frames: [joined(0, ""), message(2), message(1)], since: { since: 2, epoch: "m1" } },
    { name: "nothing of a log that was begun anew", frames: [joined(4, "e"), message(6), joined(5, "f")], since: { since: 5, epoch: "f" } },
  ])("is $name", ({ frames, since }) => {
    const seen = new Seen();
    for (const frame of frames) frame.type === "joined" ? seen.joined(frame) : seen.message(frame);
    expect(seen.since).toEqual(since);
  });
});
