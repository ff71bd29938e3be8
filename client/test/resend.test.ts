import { describe, expect, it, vi } from "vitest";

import { RoomcastError } from "../src/index.js";
import { outgoing } from "../src/outgoing.js";
import { Request } from "../src/request.js";
import { Signal } from "../src/signal.js";
import { send } from "./backend.js";
import { useClock } from "./clock.js";

const clock = useClock();
const FOR = 270_000;

describe("a message is sent again", () => {
  it("no longer after the machine slept, though its timers stopped meanwhile", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    server.intercept = (request) => request.action === "sendMessage";
    const outcome = client.room("lobby").send("one").catch((error: unknown) => error);
    await clock.pass(5);
    expect(server.of("sendMessage")).toHaveLength(1);
    server.drop();
    vi.setSystemTime(Date.now() + FOR);
    await clock.pass(5000);
    expect(client.state).toBe("open");
    expect(await outcome).toMatchObject({ code: "outcome_unknown" });
    expect(server.of("sendMessage")).toHaveLength(1);
  });

  it("so early that the last copy's answer is due before the next message goes out", async () => {
    const { server } = clock;
    // A copy at least every 2 seconds.
    vi.spyOn(Math, "random").mockReturnValue(0.1);
    const { client } = await clock.inLobby({ requestTimeout: 10_000 });
    const sent: [unknown, number][] = [];
    const from = Date.now();
    server.intercept = (request, peer) => {
      if (request.action !== "sendMessage") return false;
      sent.push([request.message, Date.now() - from]);
      if (request.message === "one") send(peer, { type: "error", code: "unavailable", message: "busy", clientId: request.clientId });
      return request.message === "one";
    };
    const one = client.room("lobby").send("one").catch((error: unknown) => error);
    const two = client.room("lobby").send("two");
    await clock.pass(FOR + 10);
    expect(await one).toMatchObject({ code: "outcome_unknown" });
    expect(await two).toMatchObject({ seq: 1 });
    const copies = sent.filter(([text]) => text === "one").map(([, at]) => at);
    expect(Math.max(...copies)).toBeLessThanOrEqual(FOR - 10_000 + 5);
    expect(sent.at(-1)![1]).toBeGreaterThanOrEqual(FOR);
  });
});

describe("an answer", () => {
  it("of a copy does not answer another request of that key", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    void client.room("office").join();
    await clock.pass(5);
    server.intercept = (request, peer) => {
      if (request.action !== "sendMessage" || request.roomId !== "office") return false;
      const ack = { type: "ack", clientId: "x", timestamp: 1 };
      send(peer, { ...ack, roomId: "lobby", seq: 1, id: "of another room" });
      send(peer, { type: "presence", clientId: "x", roomId: "office", count: 0, users: [] });
      send(peer, { ...ack, id: "of a notify" });
      send(peer, { ...ack, roomId: "office", seq: 7, id: "right" });
      return true;
    };
    const ack = client.room("office").send("hi", { idempotencyKey: "x" });
    await clock.pass(5);
    expect(await ack).toMatchObject({ id: "right", seq: 7 });
  });

  it("that says only that something is unavailable does not fail what waits", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    const errors: unknown[] = [];
    client.on("error", ({ code }) => errors.push(code));
    let answer = () => {};
    server.intercept = (request, peer) => {
      if (request.action !== "sendMessage") return false;
      answer = () => send(peer, { type: "ack", clientId: request.clientId, roomId: "lobby", seq: 1, id: "a", timestamp: 1 });
      // A cursor was throttled.
      send(peer, { type: "error", code: "unavailable", message: "too many" });
      return true;
    };
    const ack = client.room("lobby").send("hi");
    await clock.pass(2000);
    expect(server.of("sendMessage")).toHaveLength(1);
    expect(errors).toEqual(["unavailable"]);
    answer();
    await clock.pass(5);
    expect(await ack).toMatchObject({ seq: 1 });
  });

  it("of API Gateway's own may be about anything that waits", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    let failures = 1;
    server.intercept = (request, peer) => {
      if (request.action !== "sendMessage" || failures-- <= 0) return false;
      send(peer, { message: "Internal server error", connectionId: "c=", requestId: "r=" });
      return true;
    };
    const ack = client.room("lobby").send("hi");
    await clock.pass(600);
    expect(await ack).toMatchObject({ seq: 1 });
    expect(server.of("sendMessage")).toHaveLength(2);
  });
});

describe("a request that is given up while there is no connection", () => {
  it("does not wait for a connection", async () => {
    const changed = new Signal();
    const request = new Request(outgoing("ping"));
    const sent = request.send({ connection: () => undefined, rejoin: () => false, changed, retryBase: 1, retryMax: 1 });
    expect(changed.size).toBe(1);
    request.fail(new RoomcastError("timeout", "too late"));
    await expect(request.reply).rejects.toMatchObject({ code: "timeout" });
    await sent;
    expect(changed.size).toBe(0);
  });
});
