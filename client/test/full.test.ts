import { describe, expect, it } from "vitest";

import type { RoomcastClient } from "../src/index.js";
import { send } from "./backend.js";
import { useClock } from "./clock.js";
import { collect } from "./harness.js";

const clock = useClock();
const MINUTE = 60_000;

/** Has a message said every minute for a while; all of them come. */
async function talk(client: RoomcastClient, minutes: number): Promise<void> {
  const messages = collect(client, "message");
  for (let i = 0; i < minutes; i++) {
    clock.server.say("lobby", "hi");
    await clock.pass(MINUTE);
  }
  expect(messages).toHaveLength(minutes);
}

/** A client in the lobby, which has one place, and its errors. */
async function alone() {
  clock.server.places = 1;
  const { client, messages } = await clock.inLobby();
  return { client, messages, errors: collect(client, "error"), left: collect(client, "left") };
}

describe("a full room", () => {
  it("has no place for the connection of a rollover, so that the old one is used until API Gateway ends it", async () => {
    const { server } = clock;
    const { client, errors, left } = await alone();
    const joined = collect(client, "joined");
    const [old] = server.peers;
    await talk(client, 119);
    expect([server.connections, server.peers.has(old!)]).toEqual([2, true]);
    const ack = client.room("lobby").send("on the old one");
    await clock.pass(5);
    expect(await ack).toMatchObject({ seq: 120 });
    expect(server.of("join").length).toBeLessThan(200);
    expect([errors, left, joined]).toEqual([[], [], []]);
    old!.cut();
    await talk(client, 60);
    expect([server.connections, client.state]).toEqual([2, "open"]);
    expect([left, joined.map(({ recovered }) => recovered)]).toEqual([[], [true]]);
  });

  it("is joined again when there is a place, which the client's own dead connection may hold", async () => {
    const { server } = clock;
    const { client, messages, errors, left } = await alone();
    server.ghosts.set("lobby", 1);
    server.drop();
    await clock.pass(1000);
    const ack = client.room("lobby").send("mine");
    await clock.pass(10 * MINUTE);
    expect(server.of("join").length).toBeGreaterThan(30);
    expect(server.of("join").length).toBeLessThan(130);
    expect(errors.slice(0, 2)).toMatchObject([{ code: "connection_lost" }, { code: "limit_reached" }]);
    expect([client.state, left]).toEqual(["reconnecting", []]);
    server.say("lobby", "theirs");
    server.ghosts.clear();
    await clock.pass(MINUTE);
    expect(await ack).toMatchObject({ seq: 2 });
    expect(messages.map(({ text }) => text)).toEqual(["theirs", "mine"]);
    expect(client.state).toBe("open");
  });

  it("is left, and not joined again", async () => {
    const { server } = clock;
    const { client } = await alone();
    server.ghosts.set("lobby", 1);
    server.drop();
    await clock.pass(5 * MINUTE);
    const left = client.room("lobby").leave();
    await clock.pass(20_000);
    await left;
    const joins = server.of("join").length;
    await clock.pass(5 * MINUTE);
    expect(server.of("join")).toHaveLength(joins);
    expect(client.state).toBe("open");
  });

  it("lets the connection in use decide about a first join during a rollover", async () => {
    const { server } = clock;
    const { client, left } = await alone();
    const [old] = server.peers;
    void client.rollover();
    await clock.pass(1000);
    server.intercept = (request, peer) => {
      if (request.action !== "join" || (peer === old && request.roomId === "office")) return false;
      send(peer, { type: "error", code: "limit_reached", message: "full", clientId: request.clientId });
      return true;
    };
    server.places = Infinity;
    const office = client.room("office").join();
    const attic = client.room("attic").join().catch((error: unknown) => error);
    await clock.pass(5);
    expect(await office).toMatchObject({ roomId: "office" });
    expect(await attic).toMatchObject({ code: "limit_reached" });
    server.intercept = () => false;
    await clock.pass(MINUTE);
    expect([...server.peers].map(({ rooms }) => [...rooms].sort())).toEqual([["lobby", "office"]]);
    expect(left).toEqual([]);
  });
});

describe("a rollover without a connection to spare", () => {
  it("leaves the old one in use until API Gateway ends it", async () => {
    const { server } = clock;
    server.devices = 1;
    const { client } = await clock.inLobby({ rolloverAfter: 60 * MINUTE });
    await talk(client, 120);
    const ack = client.room("lobby").send("on the old one");
    await clock.pass(5);
    expect(await ack).toMatchObject({ seq: 121 });
    expect([server.connections, client.state]).toEqual([1, "open"]);
    expect(server.attempts.length).toBeGreaterThan(180);
    expect(server.attempts.length).toBeLessThan(800);
    server.drop();
    await talk(client, 10);
    expect([server.connections, client.state]).toEqual([2, "open"]);
  });
});
