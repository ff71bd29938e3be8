import { describe, expect, it } from "vitest";

import { RoomcastError } from "../src/index.js";
import { useClock } from "./clock.js";

const clock = useClock();

describe("a room handle", () => {
  it("delivers the events of its room, and of no other", async () => {
    const client = await clock.connect();
    const bob = await clock.connect({ userId: "bob" });
    const lobby = client.room("lobby");
    const events: unknown[] = [];
    lobby.on("joined", ({ roomId, recovered }) => events.push(["joined", roomId, recovered]));
    lobby.on("message", ({ roomId, text }) => events.push(["message", roomId, text]));
    lobby.on("cursor", ({ roomId, userId }) => events.push(["cursor", roomId, userId]));
    void lobby.join();
    for (const room of ["lobby", "tea"]) void bob.room(room).join();
    void client.room("tea").join();
    await clock.pass(5);
    for (const room of ["tea", "lobby"]) {
      void bob.room(room).send(`to ${room}`);
      bob.room(room).moveCursor({ x: 1, y: 2 });
    }
    await clock.pass(60);
    expect(events).toContainEqual(["joined", "lobby", false]);
    expect(events).toContainEqual(["message", "lobby", "to lobby"]);
    expect(events).toContainEqual(["cursor", "lobby", "bob"]);
    expect(events).toHaveLength(3);
  });

  it("stops delivering to a listener that was removed, and to that one only", async () => {
    const { client } = await clock.inLobby();
    const [removed, kept]: [string[], string[]] = [[], []];
    const off = client.room("lobby").on("message", ({ text }) => removed.push(text));
    client.room("lobby").on("message", ({ text }) => kept.push(text));
    clock.server.say("lobby", "one");
    await clock.pass(5);
    off();
    off();
    clock.server.say("lobby", "two");
    await clock.pass(5);
    expect([removed, kept]).toEqual([["one"], ["one", "two"]]);
  });

  it("is the same room as any other of that name", async () => {
    const { client } = await clock.inLobby();
    clock.server.say("lobby", "one");
    await clock.pass(5);
    expect(client.room("lobby").position).toMatchObject({ seq: 1 });
    expect(client.room("tea").position).toBeUndefined();
    void client.room("lobby").leave();
    await clock.pass(5);
    expect(client.room("lobby").position).toBeUndefined();
  });

  it.each(["", "a".repeat(129), "a\nb", "\ud800", undefined as unknown as string])("is refused for a name that no room can have", async (name) => {
    const client = await clock.connect();
    expect(() => client.room(name)).toThrow(RoomcastError);
  });

  it("returns pages that go back to the first message, without a field of the wire", async () => {
    const { client } = await clock.inLobby();
    for (let i = 1; i <= 5; i++) clock.server.say("lobby", `${i}`);
    const read = async (before?: number) => {
      const page = client.room("lobby").history({ before, limit: 2 });
      await clock.pass(5);
      return page;
    };
    const newest = await read();
    expect(Object.keys(newest).sort()).toEqual(["before", "epoch", "messages", "more", "roomId"]);
    expect(newest).toMatchObject({ before: 4, more: true, messages: [{ text: "4" }, { text: "5" }] });
    const older = await read(newest.before);
    expect(older.messages.map(({ text }) => text)).toEqual(["2", "3"]);
    expect(await read(older.before)).toMatchObject({ more: false, messages: [{ text: "1" }] });
  });
});

describe("a signal", () => {
  const reason = new Error("no longer needed");

  it("gives up a call, of which nothing is sent if it was aborted before", async () => {
    const client = await clock.connect();
    const signal = AbortSignal.abort(reason);
    const room = client.room("lobby");
    const calls = [
      room.join({ signal }), room.leave({ signal }), room.send("hi", { signal }), room.history({ signal }), room.presence({ signal }),
      client.notify("bob", 1, { signal }), client.acknowledge("x", { signal }), client.request("shout", {}, { signal }),
      client.checkConnection({ signal }), client.rollover({ signal }),
    ];
    for (const outcome of await Promise.allSettled(calls)) expect(outcome).toEqual({ status: "rejected", reason });
    await clock.pass(20_000);
    expect(clock.server.requests).toEqual([]);
  });

  it("gives up waiting, and the message is sent all the same", async () => {
    const { client, messages } = await clock.inLobby();
    clock.server.drop();
    const abort = new AbortController();
    const sent = client.room("lobby").send("hi", { signal: abort.signal }).catch((error: unknown) => error);
    await clock.pass(1);
    abort.abort(reason);
    expect(await sent).toBe(reason);
    await clock.pass(20_000);
    expect(messages).toMatchObject([{ text: "hi" }]);
  });

  it("leaves nothing behind on a signal that outlives the call", async () => {
    const { client } = await clock.inLobby();
    const abort = new AbortController();
    let listeners = 0;
    const count = (by: number, method: "addEventListener" | "removeEventListener") => {
      const original = abort.signal[method].bind(abort.signal) as (...args: unknown[]) => void;
      abort.signal[method] = ((...args: unknown[]) => {
        listeners += by;
        original(...args);
      }) as never;
    };
    count(1, "addEventListener");
    count(-1, "removeEventListener");
    const sent = client.room("lobby").send("hi", { signal: abort.signal });
    await clock.pass(5);
    await sent;
    expect(listeners).toBe(0);
  });
});

describe("a call", () => {
  it("goes on over a reply that was lost, until callTimeout", async () => {
    const { client } = await clock.inLobby({ requestTimeout: 1_000, callTimeout: 10_000 });
    clock.server.intercept = (request) => request.action === "presence" && clock.server.of("presence").length === 1;
    const answered = client.room("lobby").presence();
    await clock.pass(5_000);
    expect(await answered).toEqual({ roomId: "lobby", count: 1, users: ["ada"] });
    clock.server.intercept = (request) => request.action === "presence";
    const refused = client.room("lobby").presence().catch((error: unknown) => error);
    await clock.pass(10_000);
    expect(await refused).toMatchObject({ code: "timeout" });
  });
});

describe("checkConnection", () => {
  it("replaces a connection that is silent, and resolves with the next one", async () => {
    const { client } = await clock.inLobby();
    clock.server.intercept = () => clock.server.connections === 1;
    let works = false;
    void client.checkConnection().then(() => (works = true));
    await clock.pass(2_990);
    expect([works, clock.server.connections]).toEqual([false, 1]);
    await clock.pass(1_000);
    expect([works, clock.server.connections]).toEqual([true, 2]);
  });

  it("makes a retry at once", async () => {
    clock.server.up = false;
    const client = await clock.connect({ retryBase: 3_600_000, retryMax: 3_600_000 });
    clock.server.up = true;
    const works = client.checkConnection();
    await clock.pass(10);
    await works;
    expect(client.state).toBe("open");
  });
});

describe("a rollover", () => {
  it("is an event, once it is done", async () => {
    const { client } = await clock.inLobby();
    const states: unknown[] = [];
    client.on("rollover", () => states.push(client.state));
    const done = client.rollover();
    await clock.pass(20);
    await done;
    expect(states).toEqual(["open"]);
  });
});
