import { describe, expect, it } from "vitest";

import { send } from "./backend.js";
import { seqs, useClock } from "./clock.js";
import { collect } from "./harness.js";

const clock = useClock();

describe("leaving a room", () => {
  it("waits until its messages have their answers, also on the next connection", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    server.intercept = (request) => request.action === "sendMessage" && server.connections === 1;
    const acks = Promise.all(["one", "two"].map((text) => client.room("lobby").send(text)));
    const left = client.room("lobby").leave();
    await expect(client.room("lobby").send("too late")).rejects.toMatchObject({ code: "not_in_room" });
    await clock.pass(100);
    expect(server.of("leave")).toEqual([]);
    server.drop();
    await clock.pass(5000);
    await left;
    expect((await acks).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(server.of("leave")).toHaveLength(1);
    expect([...server.peers].map(({ rooms }) => [...rooms])).toEqual([[]]);
  });

  it("delivers no message after the call, and a join meanwhile starts over behind it", async () => {
    const { server } = clock;
    const { client, messages } = await clock.inLobby();
    const joined = collect(client, "joined");
    let answer = () => {};
    server.intercept = (request, peer) => {
      if (request.action !== "leave") return false;
      answer = () => {
        peer.rooms.delete("lobby");
        send(peer, { type: "left", roomId: "lobby", clientId: request.clientId });
      };
      return true;
    };
    server.say("lobby", "one");
    await clock.pass(5);
    const left = client.room("lobby").leave();
    expect(client.room("lobby").position).toBeUndefined();
    const again = client.room("lobby").join();
    const ack = client.room("lobby").send("three");
    server.say("lobby", "two");
    await clock.pass(500);
    expect(server.of("join")).toHaveLength(1);
    answer();
    await clock.pass(50);
    await left;
    expect(await again).toMatchObject({ recovered: false, position: { seq: 2 } });
    expect(await ack).toMatchObject({ seq: 3 });
    expect(joined).toHaveLength(1);
    expect(seqs(messages)).toEqual([1, 3]);
  });

  it("requests nothing of the room before it is joined again", async () => {
    const { server } = clock;
    const { client, messages } = await clock.inLobby();
    server.say("lobby", "one");
    await clock.pass(5);
    const since = client.room("lobby").position!;
    let answer = () => {};
    server.intercept = (request, peer) => {
      if (request.action !== "sendMessage") return false;
      answer = () => send(peer, { type: "ack", roomId: "lobby", seq: 5, id: "a", timestamp: 1, clientId: request.clientId });
      return true;
    };
    void client.room("lobby").send("slow");
    await clock.pass(5);
    const left = client.room("lobby").leave();
    const again = client.room("lobby").join({ since });
    server.lose = ({ seq }) => seq === 2;
    for (const text of ["two", "three"]) server.say("lobby", text);
    await clock.pass(100);
    server.say("lobby", "four");
    await clock.pass(1000);
    expect(seqs(messages)).toEqual([1]);
    expect(server.of("join")).toHaveLength(1);
    answer();
    await clock.pass(50);
    await left;
    expect(await again).toMatchObject({ recovered: true, position: { seq: 1 } });
    expect(seqs(messages)).toEqual([1, 2, 3, 4]);
  });

  it("rejects a message without an answer as outcome_unknown", async () => {
    const { server } = clock;
    const client = await clock.connect();
    let n = 0;
    server.intercept = (request, peer) => {
      if (request.action !== "sendMessage" || n++ > 0) return false;
      send(peer, { type: "error", code: "unavailable", message: "busy", clientId: request.clientId });
      return true;
    };
    const [doubtful] = await Promise.all([client.room("nowhere").send("hi").catch((error: unknown) => error), clock.pass(1000)]);
    expect(doubtful).toMatchObject({ code: "outcome_unknown", reaction: "show" });
    const [refused] = await Promise.all([client.room("nowhere").send("hi").catch((error: unknown) => error), clock.pass(1000)]);
    expect(refused).toMatchObject({ code: "not_in_room" });
  });

  it("is repeated if messages of the room still arrive, at most once in requestTimeout", async () => {
    const { server } = clock;
    const { client, messages } = await clock.inLobby();
    const left = client.room("lobby").leave();
    await clock.pass(5);
    await left;
    const stray = async () => {
      for (const peer of server.peers) peer.rooms.add("lobby");
      for (let i = 0; i < 3; i++) server.say("lobby", "stray");
      await clock.pass(5);
    };
    await stray();
    // It may have been on its way.
    expect(server.of("leave")).toHaveLength(1);
    await clock.pass(10_000);
    await stray();
    await stray();
    expect(server.of("leave")).toHaveLength(2);
    await clock.pass(10_000);
    await stray();
    expect(server.of("leave")).toHaveLength(3);
    expect(messages).toEqual([]);
    // A room that only the URL names was never left.
    for (const peer of server.peers) peer.rooms.add("of the URL");
    server.say("of the URL", "hi");
    await clock.pass(5);
    expect(server.of("leave")).toHaveLength(3);
  });
});

describe("joining a room that is joined already", () => {
  it("does not claim what was not delivered", async () => {
    const { server } = clock;
    for (const text of ["one", "two"]) server.say("lobby", text);
    const { client } = await clock.inLobby();
    const { epoch } = client.room("lobby").position!;
    server.say("lobby", "three");
    await clock.pass(5);
    const recovered = async (seq: number, of = epoch) => (await client.room("lobby").join({ since: { seq, epoch: of } })).recovered;
    expect([await recovered(1), await recovered(2), await recovered(3), await recovered(2, "another"), await recovered(0, "")]).toEqual([false, true, true, false, false]);
    server.up = false;
    server.drop();
    const later = [1, 2].map((seq) => client.room("lobby").join({ since: { seq, epoch } }));
    server.up = true;
    await clock.pass(5000);
    expect((await Promise.all(later)).map(({ recovered: whole }) => whole)).toEqual([false, true]);
  });
});
