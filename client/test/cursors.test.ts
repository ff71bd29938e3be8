import { describe, expect, it, vi } from "vitest";

import type { RoomcastClient } from "../src/index.js";
import { useClock } from "./clock.js";
import { collect } from "./harness.js";

const clock = useClock();

/** The x of each cursorMove that the server got. */
const sent = (): number[] => clock.server.of("cursorMove").map(({ position }) => (position as { x: number }).x);

/** Moves the cursor once a millisecond, to 0, 1, 2 and so on. */
async function wander(client: RoomcastClient, milliseconds: number): Promise<void> {
  for (let x = 0; x < milliseconds; x++) {
    client.room("lobby").moveCursor({ x, y: 0 });
    await clock.pass(1);
  }
}

describe("a cursor", () => {
  it.each([
    { members: undefined, interval: 50 },
    { members: 1, interval: 50 },
    { members: 100, interval: 50 },
    { members: 101, interval: 100 },
    { members: 250, interval: 150 },
    { members: 1000, interval: 500 },
  ])("is sent every $interval ms in a room of $members members", async ({ members, interval }) => {
    if (members !== undefined) clock.server.members.set("lobby", members);
    const { client } = await clock.inLobby();
    await wander(client, 3 * interval);
    await clock.pass(interval);
    // The first at once, then what was the newest when an interval ended; the last in any case.
    expect(sent()).toEqual([0, interval - 1, 2 * interval - 1, 3 * interval - 1]);
  });

  it("has an interval of its own in every room", async () => {
    clock.server.members.set("lobby", 1000);
    const { client } = await clock.inLobby();
    void client.room("tea").join();
    await clock.pass(5);
    for (let x = 0; x < 4; x++) {
      for (const room of ["lobby", "tea"]) client.room(room).moveCursor({ x, y: 0 });
      await clock.pass(50);
    }
    const rooms = clock.server.of("cursorMove").map(({ roomId }) => roomId);
    expect(rooms.filter((room) => room === "tea")).toHaveLength(4);
    expect(rooms.filter((room) => room === "lobby")).toHaveLength(1);
  });

  it("follows the number of members in a pong", async () => {
    const { client } = await clock.inLobby({ pingInterval: 1000, cursorInterval: 20 });
    clock.server.members.set("lobby", 500);
    await clock.pass(1010);
    await wander(client, 150);
    expect(sent()).toEqual([0, 99]);

    clock.server.members.set("lobby", 80);
    await clock.pass(1010);
    const before = sent().length;
    await wander(client, 50);
    await clock.pass(20);
    expect(sent().slice(before)).toEqual([0, 19, 39, 49]);
  });

  it("does not wait for the old interval in a room that has become small", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    clock.server.members.set("lobby", 1_000_000);
    const { client } = await clock.inLobby({ pingInterval: 1000 });
    client.room("lobby").moveCursor({ x: 1, y: 0 });
    client.room("lobby").moveCursor({ x: 2, y: 0 });
    await clock.pass(500);
    expect(sent()).toEqual([1]);
    clock.server.members.set("lobby", 10);
    await clock.pass(1010);
    expect(sent()).toEqual([1, 2]);
  });

  it("keeps the interval of the room on the next connection, which reports no number", async () => {
    const { server } = clock;
    server.members.set("lobby", 200);
    const { client } = await clock.inLobby();
    server.members.clear();
    server.drop();
    await clock.pass(2000);
    expect(server.connections).toBe(2);
    await wander(client, 150);
    expect(sent()).toEqual([0, 99]);
  });

  it("is sent once in a room with more members than a timer allows for", async () => {
    clock.server.members.set("lobby", Number.MAX_SAFE_INTEGER);
    const { client } = await clock.inLobby();
    await wander(client, 100);
    expect(sent()).toEqual([0]);
  });

  it.each([
    { when: "left", joined: 5 },
    { when: "left before it was joined", joined: 0 },
  ])("forgets the interval of a room that was $when", async ({ joined }) => {
    const { server } = clock;
    server.members.set("lobby", 1000);
    const client = await clock.connect();
    void client.room("lobby").join().catch(() => undefined);
    await clock.pass(joined);
    void client.room("lobby").leave();
    await clock.pass(5);
    expect(server.of("leave")).toHaveLength(1);
    server.members.clear();
    void client.room("lobby").join();
    await clock.pass(5);
    await wander(client, 60);
    expect(sent()).toEqual([0, 49]);
  });
});

describe("the cursor of another user", () => {
  const cursor = (roomId: string, userId: string, timestamp: number) => ({ type: "cursor", roomId, userId, position: { x: timestamp, y: 0 }, timestamp });
  const summary = (frames: { roomId: string; userId: string; timestamp: number }[]) => frames.map((f) => `${f.roomId} ${f.userId} ${f.timestamp}`);

  it("never goes back to an older move that was overtaken on its way", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    const cursors = collect(client, "cursor");
    server.broadcast(cursor("lobby", "bob", 20));
    server.broadcast(cursor("lobby", "bob", 10));
    server.broadcast(cursor("lobby", "ada", 10));
    server.broadcast(cursor("lobby", "bob", 21));
    await clock.pass(5);
    expect(summary(cursors)).toEqual(["lobby bob 20", "lobby ada 10", "lobby bob 21"]);
  });

  it("is not shown in a room that the client is not in", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    const cursors = collect(client, "cursor");
    server.broadcast(cursor("tea", "bob", 20));
    void client.room("lobby").leave();
    server.broadcast(cursor("lobby", "bob", 20));
    await clock.pass(5);
    expect(summary(cursors)).toEqual([]);
  });
});

describe("a cursor on a slow network", () => {
  it("waits while more than 64 KiB wait, and is then sent with its newest position", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    server.backlog = 64 * 1024 + 1;
    await wander(client, 120);
    expect(sent()).toEqual([]);
    server.backlog = 64 * 1024;
    await clock.pass(60);
    expect(sent()).toEqual([119]);
  });

  it("delays no message", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    server.backlog = 1024 * 1024;
    client.room("lobby").moveCursor({ x: 1, y: 0 });
    void client.room("lobby").send("hello");
    await clock.pass(5);
    expect(server.of("sendMessage")).toHaveLength(1);
    expect(sent()).toEqual([]);
  });

  it("is dropped when the connection is lost meanwhile", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    server.backlog = 1024 * 1024;
    client.room("lobby").moveCursor({ x: 1, y: 0 });
    server.up = false;
    server.drop();
    await clock.pass(100);
    server.backlog = 0;
    server.up = true;
    await clock.pass(20_000);
    expect(client.state).toBe("open");
    expect(sent()).toEqual([]);
  });
});
