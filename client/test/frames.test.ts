import { describe, expect, it } from "vitest";

import { parseFrames } from "../src/protocol.js";
import { useClock } from "./clock.js";
import { collect } from "./harness.js";
import { randomFrom } from "./random.js";

const clock = useClock();

const WHOLE = [
  { type: "message", roomId: "lobby", seq: 1, id: "i", userId: "bob", message: "hi", timestamp: 1 },
  { type: "ack", clientId: "c", roomId: "lobby", seq: 1, id: "i", timestamp: 1 },
  { type: "ack", clientId: "c", ids: ["i"] },
  { type: "joined", clientId: "c", roomId: "lobby", seq: 1, epoch: "e", recovered: true, messages: [{ roomId: "lobby", seq: 1, id: "i", userId: "bob", message: "hi", timestamp: 1 }] },
  { type: "history", clientId: "c", roomId: "lobby", seq: 0, epoch: "", recovered: false, messages: [] },
  { type: "left", roomId: "lobby" },
  { type: "cursor", roomId: "lobby", userId: "bob", position: { x: 1, y: 2 }, timestamp: 1 },
  { type: "notification", id: "i", notification: null, timestamp: 1 },
  { type: "inbox", notifications: [{ id: "i", notification: 1, timestamp: 1 }] },
  { type: "presence", roomId: "lobby", count: 1, users: ["bob"] },
  { type: "pong", timestamp: 1, rooms: [{ roomId: "lobby", member: false }] },
  { type: "refreshed", expiresAt: 1, left: ["lobby"] },
  { type: "error", code: "bad_field", message: "no" },
];

describe("a frame", () => {
  it.each(WHOLE)("of Roomcast's is accepted: $type", (frame) => {
    expect(parseFrames(JSON.stringify(frame))).toEqual([frame]);
  });

  it.each(WHOLE.flatMap((frame) => Object.keys(frame).map((field) => ({ ...frame, [field]: { not: "it" } }))).filter(({ type }) => typeof type === "string"))(
    "that holds something else in a field harms nothing: %j",
    async (frame) => {
      const { server } = clock;
      const { client, messages } = await clock.inLobby();
      server.broadcast(frame);
      server.broadcast({ type: "batch", frames: [frame, frame] });
      const ack = client.room("lobby").send("on");
      await clock.pass(10);
      expect(await ack).toMatchObject({ seq: 1 });
      expect(messages.map(({ text }) => text)).toContain("on");
      expect(client.state).toBe("open");
    },
  );
});

describe("a frame of Roomcast's that lacks a field", () => {
  it("is dropped, and not passed on as a frame of the application's own", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    const frames = collect(client, "frame");
    for (const { type } of WHOLE) server.broadcast({ type });
    server.broadcast({ type: "batch", frames: [{ type: "message" }, { type: "score" }] });
    server.broadcast({ type: "batch" });
    await clock.pass(10);
    expect(frames).toEqual([{ type: "score" }]);
    expect(client.state).toBe("open");
  });
});

describe("a thousand hostile frames", () => {
  it("leave the client connected, and in its room", async () => {
    const random = randomFrom(41);
    const { server } = clock;
    const { client, messages } = await clock.inLobby();
    collect(client, "notification");
    const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
    const junk = () => pick<unknown>([null, 0, -1, 1e300, "", "lobby", [], [null], {}, { roomId: "lobby" }, true, "x".repeat(1000)]);
    for (let i = 0; i < 1000; i++) {
      const frame: Record<string, unknown> = { ...pick(WHOLE) };
      for (const field of Object.keys(frame)) if (random() < 0.3) frame[field] = junk();
      // What a server may say at any time is not hostile.
      if (frame.type === "error" || frame.type === "message") delete frame.seq;
      const text = JSON.stringify(random() < 0.2 ? { type: "batch", frames: [frame, junk()] } : frame);
      server.broadcast(random() < 0.1 ? text.slice(0, Math.floor(random() * text.length)) : text);
      await clock.pass(1);
    }
    const ack = client.room("lobby").send("still here");
    await clock.pass(2_000);
    await ack;
    expect(messages.at(-1)).toMatchObject({ text: "still here" });
    expect(client.state).toBe("open");
    expect(server.connections).toBe(1);
  });
});
