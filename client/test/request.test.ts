import { describe, expect, it } from "vitest";

import type { Frame } from "../src/index.js";
import { send, type Peer, type Request } from "./backend.js";
import { useClock } from "./clock.js";
import { collect } from "./harness.js";

const clock = useClock();

/** Makes the server answer the action `shout`. */
function answer(by: (request: Request, peer: Peer) => void): void {
  clock.server.intercept = (request, peer) => {
    if (request.action !== "shout") return false;
    by(request, peer);
    return true;
  };
}

const failure = (promise: Promise<unknown>) => promise.then(() => "fulfilled", (error: unknown) => error);

describe("a request of the application's own", () => {
  it("resolves with the frame that repeats its clientId, whatever its type", async () => {
    const { client } = await clock.inLobby();
    answer(({ clientId, message }, peer) => send(peer, { type: "shouted", clientId, text: String(message).toUpperCase() }));
    const reply = client.request<{ text: string }>("shout", { roomId: "lobby", message: "dinner" });
    await clock.pass(5);
    expect((await reply).text).toBe("DINNER");
    expect(clock.server.of("shout")).toMatchObject([{ roomId: "lobby", message: "dinner" }]);
  });

  it.each([[{ ok: true }], [{ message: "hello" }], [{ type: "ack", id: "x" }], [{ type: "message", roomId: "lobby" }]])("accepts %j as a reply", async (frame) => {
    const { client } = await clock.inLobby();
    answer(({ clientId }, peer) => send(peer, { ...frame, clientId }));
    const reply = client.request("shout", {}, { idempotencyKey: "mine" });
    await clock.pass(5);
    expect(await reply).toEqual({ ...frame, clientId: "mine" });
  });

  it.each(["at once", "while there is no connection", "while another is under way"])("has its own reply beside others with the same key, made %s", async (when) => {
    const { client } = await clock.inLobby();
    let count = 0;
    answer(({ clientId }, peer) => void setTimeout(() => send(peer, { type: "shouted", clientId, count: ++count }), 100));
    const ask = () => client.request("shout", {}, { idempotencyKey: "mine" });
    const first = when === "while another is under way" ? [ask()] : [];
    if (when === "while there is no connection") clock.server.drop();
    else if (first.length > 0) await clock.pass(50);
    const all = Promise.all([...first, ask(), ask()]);
    await clock.pass(2000);
    expect((await all).map((frame) => frame.count)).toEqual([1, 2, 3].slice(0, first.length + 2));
  });

  it.each([3_000_000_000, 1e300, "soon", null])("is not sent without a pause, whatever the function says of it (retryAfterMs: %s)", async (retryAfterMs) => {
    const { client } = await clock.inLobby();
    answer(({ clientId }, peer) => send(peer, { type: "error", code: "rate_limited", message: "not yet", retryAfterMs, clientId }));
    const reply = failure(client.request("shout"));
    await clock.pass(15_000);
    expect(await reply).toMatchObject({ code: expect.stringMatching(/^(timeout|rate_limited)$/) as string });
    expect(clock.server.of("shout").length).toBeLessThan(100);
  });

  it("is rejected with the function's own error", async () => {
    const { client } = await clock.inLobby();
    answer(({ clientId }, peer) => send(peer, { type: "error", code: "too_loud", message: "not so loud", clientId }));
    const reply = failure(client.request("shout"));
    await clock.pass(5);
    expect(await reply).toMatchObject({ code: "too_loud", message: "not so loud", reaction: "stop" });
  });

  it.each([
    [{ type: "error" }, { code: "error", message: "the function answered with an error" }],
    [{ type: "error", code: 7, message: { why: "x" } }, { code: "error" }],
    [{ type: "error", message: "no" }, { code: "error", message: "no" }],
  ])("is rejected with an incomplete error, too: %j", async (frame, error) => {
    const { client } = await clock.inLobby();
    answer(({ clientId }, peer) => send(peer, { ...frame, clientId }));
    const reply = failure(client.request("shout"));
    await clock.pass(5);
    expect(await reply).toMatchObject(error);
  });

  it("is rejected if there is no such route, with the names of those that exist", async () => {
    const { client } = await clock.inLobby();
    const reply = failure(client.request("shuot"));
    await clock.pass(5);
    expect(await reply).toMatchObject({ code: "unknown_action" });
  });

  it("is sent once, and rejected after its time", async () => {
    const { client } = await clock.inLobby();
    answer(() => {});
    const reply = failure(client.request("shout", {}, { timeout: 29_000 }));
    // Something else is answered: the connection works.
    await clock.pass(28_000);
    void client.room("lobby").presence();
    await clock.pass(1_100);
    expect(await reply).toMatchObject({ code: "timeout", message: "no reply to shout within 29000 ms; it may have been carried out" });
    expect(clock.server.of("shout")).toHaveLength(1);
    expect(client.state).toBe("open");
  });

  it("with a short time does not cost the connection", async () => {
    const { client } = await clock.inLobby();
    answer(() => {});
    const reply = failure(client.request("shout", {}, { timeout: 50 }));
    await clock.pass(100);
    expect(await reply).toMatchObject({ code: "timeout" });
    await clock.pass(1_000);
    expect([client.state, clock.server.connections]).toEqual(["open", 1]);
  });

  it("is rejected when the connection breaks, and not sent again", async () => {
    const { client } = await clock.inLobby();
    answer((_, peer) => peer.cut());
    const reply = failure(client.request("shout"));
    await clock.pass(5_000);
    expect(await reply).toMatchObject({ code: "outcome_unknown", message: expect.stringContaining("may have been carried out") as string });
    expect(clock.server.of("shout")).toHaveLength(1);
    expect(client.state).toBe("open");
  });

  it("is sent again when the server says that it did nothing", async () => {
    const { client } = await clock.inLobby();
    let refusals = 2;
    answer(({ clientId }, peer) => {
      if (refusals-- > 0) send(peer, { type: "error", code: "rate_limited", message: "too many frames", retryAfterMs: 100, clientId });
      else send(peer, { type: "shouted", clientId });
    });
    const reply = client.request("shout", {}, { timeout: 20_000 });
    await clock.pass(10_000);
    expect(await reply).toMatchObject({ type: "shouted" });
    refusals = Infinity;
    const never = failure(client.request("shout", {}, { timeout: 3_000 }));
    await clock.pass(3_100);
    expect(await never).toMatchObject({ code: "timeout", message: expect.stringContaining("was not sent") as string });
  });

  it("waits for a connection, but not longer than its time", async () => {
    const { server } = clock;
    server.up = false;
    const client = await clock.connect();
    answer(({ clientId }, peer) => send(peer, { type: "shouted", clientId }));
    const soon = failure(client.request("shout", {}, { timeout: 2_000 }));
    const late = client.request("shout", {}, { timeout: 60_000 });
    await clock.pass(2_100);
    expect(await soon).toMatchObject({ code: "timeout", message: expect.stringContaining("was not sent") as string });
    server.up = true;
    await clock.pass(30_000);
    expect(await late).toMatchObject({ type: "shouted" });
    expect(server.of("shout")).toHaveLength(1);
  });

  it("is rejected when API Gateway says that the function failed", async () => {
    const { client } = await clock.inLobby();
    answer((_, peer) => send(peer, { message: "Internal server error", connectionId: "c=", requestId: "r=" }));
    const reply = failure(client.request("shout"));
    await clock.pass(5);
    expect(await reply).toMatchObject({ code: "unavailable" });
  });

  it("waits for its own answer when some other request may have failed", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    server.intercept = (request, peer) => {
      if (request.action === "shout") setTimeout(() => send(peer, { type: "shouted", clientId: request.clientId }), 500);
      else if (request.action === "presence" && server.of("presence").length === 1) send(peer, { message: "Internal server error", connectionId: "c=", requestId: "r=" });
      else return false;
      return true;
    };
    const shouted = client.request("shout");
    const there = client.room("lobby").presence();
    await clock.pass(2_000);
    expect(await shouted).toMatchObject({ type: "shouted" });
    expect(await there).toMatchObject({ count: 1 });
    expect(server.of("shout")).toHaveLength(1);
  });

  it("is rejected by close(), with or without a connection", async () => {
    const { client } = await clock.inLobby();
    answer(() => {});
    const sent = failure(client.request("shout"));
    await clock.pass(5);
    client.close();
    expect(await sent).toMatchObject({ code: "closed" });
    expect(await failure(client.request("shout"))).toMatchObject({ code: "closed" });

    clock.server.up = false;
    const other = await clock.connect();
    const waiting = failure(other.request("shout"));
    other.close();
    expect(await waiting).toMatchObject({ code: "closed" });
  });
});

describe("frames of other types", () => {
  it("are an event, in a batch too, and Roomcast's own are not", async () => {
    const { server } = clock;
    const { client, messages } = await clock.inLobby();
    const frames: Frame[] = collect(client, "frame");
    const errors = collect(client, "error");
    server.broadcast({ type: "score", home: 1, away: 0 });
    server.broadcast({ type: "batch", frames: [{ type: "score", home: 2, away: 0 }, { type: "batch", frames: [] }] });
    server.broadcast({ round: 3, clientId: "somebody's" });
    server.broadcast("[1]");
    server.broadcast("no json");
    server.broadcast("");
    server.say("lobby", "goal");
    await clock.pass(5);
    expect(frames).toEqual([{ type: "score", home: 1, away: 0 }, { type: "score", home: 2, away: 0 }, { round: 3, clientId: "somebody's" }]);
    expect(messages).toHaveLength(1);
    expect(errors).toEqual([]);
  });
});

describe("a request that the server could not read", () => {
  it("does not wait for a reply without a clientId", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    server.intercept = (request, peer) => {
      if (request.message !== "odd") return false;
      send(peer, { type: "error", code: "bad_frame", message: "not JSON" });
      return true;
    };
    const odd = failure(client.room("lobby").send("odd"));
    const next = client.room("lobby").send("next");
    await clock.pass(10);
    expect(await odd).toMatchObject({ code: "bad_frame" });
    expect(await next).toMatchObject({ seq: 1 });
  });
});
