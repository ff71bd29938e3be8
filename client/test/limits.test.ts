import { describe, expect, it } from "vitest";

import { send } from "./backend.js";
import { seqs, useClock } from "./clock.js";
import { collect } from "./harness.js";

const clock = useClock();

describe("a rate limit", () => {
  it("sends again when the server says, with the same key and in the same order", async () => {
    const { server } = clock;
    const { client, messages } = await clock.inLobby();
    const times: [string, number][] = [];
    let n = 0;
    server.intercept = (request, peer) => {
      if (request.action !== "sendMessage" && request.action !== "notify") return false;
      times.push([request.clientId!, Date.now()]);
      if (n++ % 3 === 2) return false;
      send(peer, { type: "error", code: "rate_limited", message: "too many", retryAfterMs: 2000, clientId: request.clientId });
      return true;
    };
    const texts = ["one", "two", "three", "four"];
    const acks = Promise.all(texts.map((text) => client.room("lobby").send(text)));
    await clock.pass(60_000);
    expect((await acks).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(messages.map(({ text }) => text)).toEqual(texts);
    expect(new Set(times.map(([name]) => name)).size).toBe(4);
    for (const [i, [name, at]] of times.slice(1).entries()) {
      if (times[i]![0] === name) expect(at - times[i]![1]).toBeGreaterThanOrEqual(2000);
    }
    const notified = client.notify("bob", "hi");
    await clock.pass(9_000);
    expect(await notified).toMatchObject({ delivered: 0 });
  });

  it("drops a cursor without an error: the next one is newer", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    const errors = collect(client, "error");
    server.intercept = (request, peer) => {
      if (request.action === "cursorMove") send(peer, { type: "error", code: "rate_limited", message: "too many", retryAfterMs: 30 });
      return request.action === "cursorMove";
    };
    for (let x = 0; x < 3; x++) {
      client.room("lobby").moveCursor({ x, y: 0 });
      await clock.pass(100);
    }
    expect(server.of("cursorMove").map(({ position }) => position)).toEqual([0, 1, 2].map((x) => ({ x, y: 0 })));
    expect(errors).toEqual([]);
  });

  it("rejects a message that was always refused with rate_limited", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    let n = 0;
    server.intercept = (request, peer) => {
      if (request.action !== "sendMessage") return false;
      send(peer, { type: "error", code: n++ === 0 ? "rate_limited" : "forbidden", message: "no", clientId: request.clientId });
      return true;
    };
    const refused = client.room("lobby").send("hi").catch((error: unknown) => error);
    await clock.pass(1000);
    expect(await refused).toMatchObject({ code: "forbidden", reaction: "show" });
    expect(server.of("sendMessage")).toHaveLength(2);
  });

  it.each(["sendMessage", "notify"] as const)("rejects a %s as outcome_unknown if a copy is forbidden after one in doubt", async (action) => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    let n = 0;
    server.intercept = (request, peer) => {
      if (request.action !== action) return false;
      send(peer, { type: "error", code: n++ === 0 ? "unavailable" : "forbidden", message: "no", clientId: request.clientId });
      return true;
    };
    const call = action === "notify" ? client.notify(["bob"], "hi") : client.room("lobby").send("hi");
    const refused = call.catch((error: unknown) => error);
    await clock.pass(1000);
    expect(await refused).toMatchObject({ code: "outcome_unknown" });
    expect(server.of(action)).toHaveLength(2);
  });
});

describe("a message that never gets an ack", () => {
  const none = "none";
  it.each([
    { answers: ["rate_limited"], code: "rate_limited" },
    { answers: ["not_in_room"], code: "not_in_room" },
    { answers: [none, "rate_limited"], code: "outcome_unknown" },
    { answers: ["unavailable", "rate_limited"], code: "outcome_unknown" },
    { answers: ["rate_limited", "unavailable"], code: "outcome_unknown" },
    { answers: ["rate_limited", none], code: "outcome_unknown" },
  ])("is $code where its copies were answered by $answers", async ({ answers, code }) => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    let n = 0;
    server.intercept = (request, peer) => {
      if (request.message !== "hi") return false;
      const answer = answers[Math.min(n++, answers.length - 1)]!;
      if (answer !== none) send(peer, { type: "error", code: answer, message: "no", clientId: request.clientId });
      return true;
    };
    const failed = client.room("lobby").send("hi").catch((error: unknown) => error);
    const next = client.room("lobby").send("next");
    await clock.pass(4.5 * 60_000 - 1);
    expect(server.of("sendMessage").some(({ text }) => text === "next")).toBe(false);
    await clock.pass(10);
    expect(await failed).toMatchObject({ code });
    expect(await next).toMatchObject({ seq: 1 });
  });
});

describe.each(["forbidden", "limit_reached"])("a room that may not be joined (%s)", (code) => {
  it("is rejected and not tried again", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    const [errors, left] = [collect(client, "error"), collect(client, "left")];
    server.intercept = (request, peer) => {
      if (request.roomId === "attic") send(peer, { type: "error", code, message: "no", clientId: request.clientId });
      return request.roomId === "attic";
    };
    const refused = client.room("attic").join().catch((error: unknown) => error);
    await clock.pass(5);
    expect(await refused).toMatchObject({ code, reaction: "show" });
    await clock.pass(60_000);
    server.drop();
    await clock.pass(60_000);
    expect(server.of("join").map(({ roomId }) => roomId)).toEqual(["lobby", "attic", "lobby"]);
    expect([errors, left]).toMatchObject([[{ code: "connection_lost" }], []]);
  });
});

describe("a room that may not be joined again", () => {
  it("is reported once and given up", async () => {
    const { server } = clock;
    const { client, messages } = await clock.inLobby();
    void client.room("office").join();
    await clock.pass(5);
    const [errors, left] = [collect(client, "error"), collect(client, "left")];
    server.intercept = (request, peer) => {
      if (request.action !== "join" || request.roomId !== "office") return false;
      send(peer, { type: "error", code: "forbidden", message: "no", clientId: request.clientId });
      return true;
    };
    server.drop();
    const waits = client.room("office").send("hi").catch((error: unknown) => error);
    await clock.pass(60_000);
    expect(await waits).toMatchObject({ code: "forbidden" });
    server.drop();
    await clock.pass(60_000);
    expect(errors.map((error) => error.code)).toEqual(["connection_lost", "forbidden", "connection_lost"]);
    expect(left).toMatchObject([{ roomId: "office", error: { code: "forbidden" } }]);
    expect(server.of("join").filter(({ roomId }) => roomId === "office")).toHaveLength(2);
    expect(client.state).toBe("open");
    server.say("lobby", "on");
    await clock.pass(5);
    expect(seqs(messages)).toEqual([1]);
  });
});
