import { describe, expect, it } from "vitest";

import { parseFrames } from "../src/protocol.js";
import { messageOf } from "../src/types.js";
import type { Message } from "./backend.js";
import { seqs, useClock } from "./clock.js";
import { collect } from "./harness.js";
import { randomFrom } from "./random.js";

const clock = useClock();

const batch = (...frames: unknown[]) => ({ type: "batch", frames });
const read = (frame: unknown) => parseFrames(JSON.stringify(frame));
const left = (roomId: string) => ({ type: "left", roomId });
const nested = (levels: number, open: string, close: string) => open.repeat(levels) + close.repeat(levels);

describe("a batch", () => {
  it("is its frames, in their order", () => {
    const frames = [left("a"), { type: "pong", timestamp: 1 }, left("b")];
    expect(read(batch(...frames))).toEqual(frames);
    expect(read(batch())).toEqual([]);
  });

  it("drops entries that are no frame or a batch, and nothing else", () => {
    const broken = [null, 5, "text", [], {}, true, { type: 5 }, { type: "unheard of" }, batch(left("nested")), { type: "toString" }];
    for (const entry of broken) {
      expect(read(batch(left("a"), entry, left("b"))), JSON.stringify(entry)).toEqual([left("a"), left("b")]);
    }
  });

  it.each([{ frames: undefined }, { frames: null }, { frames: "text" }, { frames: { length: 1 } }, { frames: 1 }])(
    "that has no list ($frames) is nothing",
    (fields) => expect(read({ type: "batch", ...fields })).toEqual([]),
  );

  it.each([
    { what: "batches", text: nested(100_000, '{"type":"batch","frames":[', "]}") },
    { what: "lists", text: nested(1_000_000, "[", "]") },
    { what: "lists without an end", text: "[".repeat(1_000_000) },
  ])("of deeply nested $what is dropped", ({ text }) => {
    expect(parseFrames(text)).toEqual([]);
    expect(parseFrames(`{"type":"batch","frames":[${text}]}`)).toEqual([]);
  });
});

describe("any batch", () => {
  const pieces = [
    left("a"), { type: "message", roomId: "a", seq: 1 }, { type: "error", code: "unavailable", message: "m" },
    { message: "Internal server error", connectionId: "c" }, { type: "batch" }, { type: "unheard of" }, null, 7, [[]], "\u2028\"\\",
  ];

  it.each(Array.from({ length: 50 }, (_, seed) => seed))("is read as its frames would be one by one (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const pick = () => pieces[Math.floor(random() * pieces.length)];
    const entries = Array.from({ length: Math.floor(random() * 40) }, pick);
    expect(read(batch(...entries))).toEqual(entries.flatMap(read));
  });

  it.each(Array.from({ length: 50 }, (_, seed) => seed))("that was garbled is read without an error, as frames of known types (seed %i)", (seed) => {
    const random = randomFrom(seed);
    let text = JSON.stringify(batch(...pieces));
    for (let i = 0; i < 200; i++) {
      const at = Math.floor(random() * text.length);
      const piece = ['"', "{", "}", "[", "]", ",", ":", "null", '"type":', '"batch"', ""][Math.floor(random() * 11)]!;
      const garbled = text.slice(0, at) + piece + text.slice(at + Math.floor(random() * 3));
      for (const frame of parseFrames(garbled)) expect(["left", "message", "error"]).toContain(frame.type);
      // The next round garbles this one further, as long as there is something to read.
      if (parseFrames(garbled).length > 0) text = garbled;
    }
  });
});

describe("a client", () => {
  /** Has the server keep back its messages, which it returns. */
  function hold(): Message[] {
    const held: Message[] = [];
    clock.server.lose = (message) => held.push(message) > 0;
    return held;
  }

  it("treats the frames of a batch as if they had arrived one by one", async () => {
    const { server } = clock;
    const { client, messages } = await clock.inLobby();
    const cursors = collect(client, "cursor");
    const errors = collect(client, "error");
    const notifications = collect(client, "notification");
    await clock.pass(5);
    const held = hold();
    for (const text of ["one", "two", "three"]) server.say("lobby", text);
    const [one, two, three] = held;
    const cursor = { type: "cursor", roomId: "lobby", userId: "bob", position: { x: 1, y: 2 }, timestamp: 1 };
    const notification = { type: "notification", id: "n1", from: "bob", notification: "hi", timestamp: 1 };
    const error = { type: "error", code: "bad_field", message: "color: too long" };

    server.broadcast(batch(one, cursor, null, three, notification, batch(cursor), two, one, error));
    await clock.pass(5);

    expect(messages).toEqual(held.map(messageOf));
    expect(cursors).toEqual([{ roomId: "lobby", userId: "bob", position: { x: 1, y: 2 }, timestamp: 1 }]);
    expect(notifications).toMatchObject([{ id: "n1" }]);
    expect(errors).toMatchObject([{ code: "bad_field" }]);
    expect(server.of("join")).toHaveLength(1);
  });

  it("requests what is missing between the messages of a batch", async () => {
    const { server } = clock;
    const { messages } = await clock.inLobby();
    const held = hold();
    for (const text of ["one", "two", "three"]) server.say("lobby", text);
    server.broadcast(batch(held[0], held[2]));
    await clock.pass(5);
    expect(seqs(messages)).toEqual([1]);
    await clock.pass(310);
    expect(seqs(messages)).toEqual([1, 2, 3]);
  });

  it("takes the reply to a request in a batch, and the messages around it", async () => {
    const { server } = clock;
    const client = await clock.connect();
    const messages = collect(client, "message");
    const before = server.say("lobby", "before");
    const held = hold();
    server.intercept = ({ action, clientId }, peer) => {
      if (action !== "join") return false;
      const joined = { type: "joined", roomId: "lobby", seq: 1, epoch: before.id, recovered: false, messages: [], clientId };
      peer.rooms.add("lobby");
      server.say("lobby", "after");
      server.say("lobby", "and after that");
      peer.write(JSON.stringify(batch(held[0], joined, held[1])));
      return true;
    };
    const joining = client.room("lobby").join();
    await clock.pass(5);
    expect(await joining).toMatchObject({ position: { seq: 1 } });
    expect(seqs(messages)).toEqual([2, 3]);
  });

  it("ignores what follows the frame at which a listener closed it", async () => {
    const { server } = clock;
    const { client, messages } = await clock.inLobby();
    const cursors = collect(client, "cursor");
    client.on("message", () => client.close());
    const held = hold();
    for (const text of ["one", "two"]) server.say("lobby", text);
    server.broadcast(batch(...held, { type: "cursor", roomId: "lobby", userId: "bob", position: { x: 1, y: 2 }, timestamp: 1 }));
    await clock.pass(5);
    expect(seqs(messages)).toEqual([1]);
    expect(cursors).toEqual([]);
  });

  it("ignores what a connection sends after the frame that ended it", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    const cursors = collect(client, "cursor");
    const cursor = (x: number) => ({ type: "cursor", roomId: "lobby", userId: "bob", position: { x, y: 0 }, timestamp: 1 });
    server.broadcast(batch(cursor(1), { type: "error", code: "not_connected", message: "gone" }, cursor(2)));
    await clock.pass(2000);
    expect(cursors).toMatchObject([{ position: { x: 1 } }]);
    expect(server.connections).toBe(2);
    expect(client.state).toBe("open");
  });
});
