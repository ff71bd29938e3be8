import { describe, expect, it, vi } from "vitest";

import { send } from "./backend.js";
import { seqs, useClock } from "./clock.js";
import { collect } from "./harness.js";

const clock = useClock();

describe("a planned rollover", () => {
  it.each([
    { random: 0, at: 99 * 60_000 },
    { random: 0.99, at: 109.8 * 60_000 },
  ])("comes at a random 0.9 to 1.0 of its age, before API Gateway's 2 hours ($random)", async ({ random, at }) => {
    const { server } = clock;
    vi.spyOn(Math, "random").mockReturnValue(random);
    const { client } = await clock.inLobby();
    await clock.pass(at - 10_000);
    expect(server.connections).toBe(1);
    await clock.pass(20_000);
    expect(server.connections).toBe(2);
    expect(server.peers.size).toBe(1);
    // And again.
    await clock.pass(at + 10_000);
    expect(server.connections).toBe(3);
    expect(client.state).toBe("open");
  });

  it("opens the next connection first, without a lost or duplicate message", async () => {
    const { server } = clock;
    const { client, messages } = await clock.inLobby();
    const states = collect(client, "state");
    const joined = collect(client, "joined");
    const speaking = setInterval(() => server.say("lobby", "tick"), 3);
    const acks: Promise<unknown>[] = [];
    const sending = setInterval(() => acks.push(client.room("lobby").send("mine")), 7);
    for (let i = 0; i < 5; i++) {
      const done = client.rollover();
      await clock.pass(50);
      await done;
      expect([...server.peers].every((peer) => peer.rooms.has("lobby"))).toBe(true);
      await clock.pass(1500);
      expect(server.peers.size).toBe(1);
    }
    clearInterval(speaking);
    clearInterval(sending);
    await clock.pass(5000);
    await Promise.all(acks);
    expect(server.connections).toBe(6);
    expect(seqs(messages)).toEqual(Array.from({ length: server.log("lobby").head }, (_, i) => i + 1));
    expect(messages.filter(({ text }) => text === "mine")).toHaveLength(acks.length);
    expect(states).toEqual([]);
    expect(joined).toEqual([]);
  });

  it("keeps the old connection until the new one is in every room", async () => {
    const { server } = clock;
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const { client, messages } = await clock.inLobby();
    let busy = true;
    server.intercept = (request, peer) => {
      if (request.action !== "join" || !busy) return false;
      send(peer, { type: "error", code: "unavailable", message: "busy", clientId: request.clientId });
      return true;
    };
    void client.rollover();
    await clock.pass(5000);
    const ack = client.room("lobby").send("by the old one");
    await clock.pass(5);
    expect(await ack).toMatchObject({ seq: 1 });
    expect(seqs(messages)).toEqual([1]);
    expect(server.peers.size).toBe(2);
    busy = false;
    await clock.pass(10_000);
    expect(server.peers.size).toBe(1);
    expect([...server.peers].map(({ rooms }) => [...rooms])).toEqual([["lobby"]]);
  });

  it("includes a room that is joined meanwhile, and no room that is left", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    const done = client.rollover();
    await clock.pass(1);
    void client.room("office").join();
    void client.room("lobby").leave();
    await clock.pass(5000);
    await done;
    expect([...server.peers].map(({ rooms }) => [...rooms])).toEqual([["office"]]);
  });

  it("waits for a reply that is still due on the old connection", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    server.intercept = (request, peer) => {
      if (request.action !== "presence") return false;
      setTimeout(() => peer.write(JSON.stringify({ type: "presence", roomId: "lobby", count: 9, users: [], clientId: request.clientId })), 4000);
      return true;
    };
    const presence = client.room("lobby").presence();
    void client.rollover();
    await clock.pass(3000);
    expect(server.peers.size).toBe(2);
    await clock.pass(3000);
    expect(await presence).toMatchObject({ count: 9 });
    expect(server.peers.size).toBe(1);
  });

  it("takes over if the old connection breaks first", async () => {
    const { server } = clock;
    const { client, messages } = await clock.inLobby();
    server.up = false;
    void client.rollover();
    await clock.pass(100);
    server.drop();
    expect(client.state).toBe("reconnecting");
    server.say("lobby", "missed");
    server.up = true;
    await clock.pass(5000);
    expect(client.state).toBe("open");
    expect(server.peers.size).toBe(1);
    expect(seqs(messages)).toEqual([1]);
  });

  it("reports the rooms as joined if its connection takes over after a loss", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    void client.room("office").join();
    await clock.pass(5);
    const joined = collect(client, "joined");
    let answer = () => {};
    server.intercept = (request, peer) => {
      if (request.action !== "join" || request.roomId !== "office") return false;
      answer = () => send(peer, { type: "joined", roomId: "office", seq: 0, epoch: "", recovered: true, messages: [], clientId: request.clientId });
      return true;
    };
    void client.rollover();
    await clock.pass(10);
    expect(joined).toEqual([]);
    const [old] = server.peers;
    old!.cut();
    expect(joined).toMatchObject([{ roomId: "lobby", recovered: true }]);
    answer();
    await clock.pass(5);
    expect(joined).toMatchObject([{ roomId: "lobby" }, { roomId: "office", recovered: true }]);
    expect(client.state).toBe("open");
    await clock.pass(5000);
    expect(server.connections).toBe(2);
  });

  it("waits for a request of the application's own, however long that may take", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    server.intercept = ({ action, clientId }, peer) => {
      if (action !== "slow") return false;
      setTimeout(() => send(peer, { type: "done", clientId }), 25_000);
      return true;
    };
    const reply = client.request("slow", {}, { timeout: 29_000 });
    await clock.pass(1000);
    void client.rollover();
    await clock.pass(30_000);
    expect(await reply).toMatchObject({ type: "done" });
    expect(server.peers.size).toBe(1);
  });

  it("leaves no connection and no timer if the client is closed during it", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    const done = client.rollover();
    await clock.pass(1);
    client.close();
    await done;
    await clock.pass(1000);
    expect(server.peers.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    await expect(client.rollover()).rejects.toMatchObject({ code: "closed" });
  });
});
