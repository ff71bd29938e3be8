import { describe, expect, it, vi } from "vitest";

import { send } from "./backend.js";
import { useClock } from "./clock.js";

const clock = useClock();
const unavailable = { type: "error", code: "unavailable", message: "busy" };

describe("messages of one room", () => {
  it("are sent one after the other, independently of other rooms", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    void client.room("office").join();
    await clock.pass(5);
    let answer = () => {};
    server.intercept = ({ clientId, roomId, message }, peer) => {
      if (message !== "one") return false;
      answer = () => send(peer, { type: "ack", clientId, roomId, seq: 1, id: "a", timestamp: 1 });
      return true;
    };
    for (const text of ["one", "two"]) void client.room("lobby").send(text);
    void client.room("office").send("three");
    await clock.pass(5);
    expect(server.of("sendMessage").map(({ message }) => message)).toEqual(["one", "three"]);
    answer();
    await clock.pass(5);
    expect(server.of("sendMessage").map(({ message }) => message)).toEqual(["one", "three", "two"]);
  });

  it("keep their order over refusals, failures inside API Gateway, and connections that break", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    let n = 0;
    server.intercept = (request, peer) => {
      if (request.action !== "sendMessage") return false;
      switch (n++ % 5) {
        case 0:
          send(peer, { ...unavailable, clientId: request.clientId, retryAfterMs: 100 });
          return true;
        case 1:
          send(peer, { message: "Internal server error", connectionId: "c=", requestId: "r=" });
          return true;
        case 2:
          peer.cut();
          return true;
        case 3:
          // It is carried out, and its answer is lost.
          queueMicrotask(() => peer.cut());
          return false;
        default:
          return false;
      }
    };
    const texts = Array.from({ length: 10 }, (_, i) => `${i}`);
    const acks = Promise.all(texts.map((text) => client.room("lobby").send(text)));
    await clock.pass(900_000);
    expect((await acks).map(({ seq }) => seq)).toEqual(texts.map((_, i) => i + 1));
    expect(server.log("lobby").messages.map(({ message }) => message)).toEqual(texts);
  });

  it("are given up 4 min 30 s after the first time, and not sent again later", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    server.intercept = (request, peer) => {
      if (request.action === "sendMessage") send(peer, { ...unavailable, clientId: request.clientId });
      return request.action === "sendMessage";
    };
    const outcome = client.room("lobby").send("one").catch((error: unknown) => error);
    await clock.pass(269_900);
    const before = server.of("sendMessage").length;
    expect(before).toBeGreaterThan(5);
    await clock.pass(200);
    expect(await outcome).toMatchObject({ code: "outcome_unknown", reaction: "show" });
    const after = server.of("sendMessage").length;
    await clock.pass(600_000);
    expect(server.of("sendMessage")).toHaveLength(after);
  });

  it("wait for a connection as long as it takes", async () => {
    const { server } = clock;
    server.up = false;
    const client = await clock.connect();
    void client.room("lobby").join().catch(() => undefined);
    const ack = client.room("lobby").send("patient");
    await clock.pass(3_600_000);
    server.up = true;
    await clock.pass(20_100);
    expect(await ack).toMatchObject({ seq: 1 });
  });

  it("are bounded in number", async () => {
    const { server } = clock;
    server.up = false;
    const client = await clock.connect({ maxQueued: 2 });
    const settled = Promise.allSettled([client.room("a").send("1"), client.room("b").send("2")]);
    await expect(client.room("c").send("3")).rejects.toMatchObject({ code: "queue_full" });
    client.close();
    expect(await settled).toMatchObject([{ reason: { code: "closed" } }, { reason: { code: "closed" } }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("are one message if they are sent again with the same key", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    const twice = Promise.all([1, 2].map(() => client.room("lobby").send("hi", { idempotencyKey: "x" })));
    await clock.pass(5);
    const again = client.room("lobby").send("hi", { idempotencyKey: "x" });
    await clock.pass(5);
    expect(await twice).toMatchObject([{ seq: 1 }, { seq: 1 }]);
    expect(await again).toMatchObject({ seq: 1 });
    expect(server.of("sendMessage")).toHaveLength(2);
  });

  it("are different messages in two rooms though they have one key", async () => {
    const { client } = await clock.inLobby();
    void client.room("office").join();
    await clock.pass(5);
    const acks = Promise.all(["lobby", "office"].map((room) => client.room(room).send("hi", { idempotencyKey: "x" })));
    await clock.pass(20);
    expect(await acks).toMatchObject([{ roomId: "lobby" }, { roomId: "office" }]);
  });

  it("are refused once, and the next go on", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    server.intercept = (request, peer) => {
      if (request.message !== "huge") return false;
      send(peer, { type: "error", code: "message_too_large", message: "too large", clientId: request.clientId });
      return true;
    };
    const first = client.room("lobby").send("huge").catch((error: unknown) => error);
    const second = client.room("lobby").send("small");
    await clock.pass(20);
    expect(await first).toMatchObject({ code: "message_too_large", reaction: "show" });
    expect(await second).toMatchObject({ seq: 1 });
  });

  it("make the client join again if the server does not count it in the room", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    for (const peer of server.peers) peer.rooms.clear();
    const ack = client.room("lobby").send("hi");
    await clock.pass(1000);
    expect(await ack).toMatchObject({ seq: 1 });
    await expect(Promise.all([client.room("elsewhere").send("hi"), clock.pass(5)])).rejects.toMatchObject({ code: "not_in_room" });
  });
});
