import { describe, expect, it, vi } from "vitest";

import type { RoomcastOptions } from "../src/index.js";
import { seqs, useClock } from "./clock.js";
import { collect } from "./harness.js";

const clock = useClock();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A client in the lobby with tokens that hold for a while, and what its provider gave. */
async function signedIn(holds = HOUR, options: Partial<RoomcastOptions> = {}) {
  const given: string[] = [];
  const token = vi.fn(async () => {
    given.push(clock.server.issue(holds));
    return given.at(-1)!;
  });
  const inLobby = await clock.inLobby({ token, ...options });
  return { ...inLobby, token, given, errors: collect(inLobby.client, "error") };
}

/** Has the tokens of all connections end now, sooner than they say. */
function expire(): void {
  for (const peer of clock.server.peers) clock.server.expire(peer);
}

describe("a token that is about to expire", () => {
  it.each([
    { holds: 30 * MINUTE, random: 0, early: 30_000 },
    { holds: 30 * MINUTE, random: 1, early: 45_000 },
    { holds: 20_000, random: 0, early: 10_000 },
    { holds: 20_000, random: 1, early: 15_000 },
  ])("is replaced $early ms before, also when nothing is sent ($holds, $random)", async ({ holds, random, early }) => {
    const { server } = clock;
    vi.spyOn(Math, "random").mockReturnValue(random);
    const { client, given, errors, messages } = await signedIn(holds, { rolloverAfter: 2 * HOUR });
    await clock.pass(holds - early - 20);
    expect(server.of("refresh")).toEqual([]);
    await clock.pass(30);
    expect(server.of("refresh")).toMatchObject([{ token: given[1] }]);
    await clock.pass(2 * holds);
    expect(server.of("refresh").length).toBeGreaterThan(2);
    expect(server.connections).toBe(1);
    server.say("lobby", "hi");
    await clock.pass(5);
    expect(seqs(messages)).toEqual([1]);
    expect(errors).toEqual([]);
    expect(client.state).toBe("open");
  });

  it("is replaced by the time in the reply to a refresh if it cannot be read", async () => {
    const { server } = clock;
    server.tokens = new Map();
    const token = vi.fn(() => {
      const opaque = "x".repeat(token.mock.calls.length);
      server.tokens!.set(opaque, Date.now() + 10 * MINUTE);
      return opaque;
    });
    const { client } = await clock.inLobby({ token });
    await clock.pass(10 * MINUTE);
    expect(server.of("refresh")).toEqual([]);
    const ack = client.room("lobby").send("late");
    await clock.pass(50);
    expect(await ack).toMatchObject({ seq: 1 });
    await clock.pass(9.5 * MINUTE);
    expect(server.of("refresh")).toHaveLength(2);
    expect(server.connections).toBe(1);
  });

  it("is left to the server if this clock is fast", async () => {
    const { server } = clock;
    const holds = server.issue.bind(server);
    const { token } = await signedIn();
    expect(token).toHaveBeenCalledTimes(1);
    token.mockImplementation(async () => {
      const late = holds(-HOUR);
      server.tokens!.set(late, Date.now() + HOUR);
      return late;
    });
    server.drop();
    await clock.pass(HOUR - 1000);
    expect(token).toHaveBeenCalledTimes(2);
    expect(server.of("refresh")).toEqual([]);
  });

  it("leaves no timer behind when the client is closed", async () => {
    const { client } = await signedIn();
    // Those of the fake server.
    const others = vi.getTimerCount();
    client.close();
    await clock.pass(0);
    expect(vi.getTimerCount()).toBeLessThan(others);
    expect(vi.getTimerCount()).toBe(1);
  });
});

describe("a token that has expired", () => {
  it("is replaced once, and everything that waits continues in order", async () => {
    const { server } = clock;
    const { client, messages, errors, token } = await signedIn();
    void client.room("office").join();
    await clock.pass(5);
    expire();
    const acks = Promise.all(["one", "two", "three"].map((text) => client.room("lobby").send(text)));
    const others = Promise.all([client.room("office").presence(), client.room("attic").join(), client.room("office").leave(), client.notify("bob", "hi")]);
    await clock.pass(100);
    expect((await acks).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    await others;
    expect(seqs(messages)).toEqual([1, 2, 3]);
    expect(server.of("refresh")).toHaveLength(1);
    expect(token).toHaveBeenCalledTimes(2);
    expect(server.connections).toBe(1);
    expect(errors).toEqual([]);
    const [first, second] = server.of("sendMessage");
    expect(second!.clientId).toBe(first!.clientId);
  });

  it("is noticed by a cursor too, without an error event", async () => {
    const { server } = clock;
    const { client, errors } = await signedIn();
    expire();
    client.room("lobby").moveCursor({ x: 1, y: 1 });
    await clock.pass(100);
    expect(server.of("refresh")).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  it("is not replaced over and over if the server refuses every token", async () => {
    const { server } = clock;
    const { client } = await signedIn();
    server.intercept = (request, peer) => {
      if (request.action === "refresh") return false;
      peer.write(JSON.stringify({ type: "error", code: "token_expired", message: "ended", clientId: request.clientId }));
      return true;
    };
    void client.room("lobby").send("hi").catch(() => undefined);
    await clock.pass(MINUTE);
    expect(server.of("refresh").length).toBeLessThan(62);
  });

  it("is requested again while the function fails, with an error event each time", async () => {
    const { server } = clock;
    const { client, errors, token } = await signedIn();
    for (let i = 0; i < 3; i++) token.mockRejectedValueOnce(new Error("the token service is down"));
    expire();
    const ack = client.room("lobby").send("hi");
    await clock.pass(10_000);
    expect(await ack).toMatchObject({ seq: 1 });
    const failed = { code: "refresh_failed", reaction: "retry", message: "no new token for the connection: the token service is down" };
    expect(errors).toMatchObject([failed, failed, failed]);
    expect(server.connections).toBe(1);
  });

  it.each([
    ["an object without a text", Object.create(null)],
    ["an error whose message is an object", Object.assign(new Error(), { message: { status: 500 } })],
    ["nothing", undefined],
  ])("is asked for again when the provider fails with %s", async (_, reason) => {
    const { client, errors, token } = await signedIn();
    token.mockRejectedValueOnce(reason);
    expire();
    const ack = client.room("lobby").send("hi");
    await clock.pass(11_000);
    expect(await ack).toMatchObject({ seq: 1 });
    expect(errors).toMatchObject([{ code: "refresh_failed", message: expect.any(String) as string }]);
  });

  it("is asked for again when the provider hangs", async () => {
    const { client, errors, token } = await signedIn();
    token.mockImplementationOnce(() => new Promise(() => {}));
    expire();
    const ack = client.room("lobby").send("hi");
    await clock.pass(11_000);
    expect(await ack).toMatchObject({ seq: 1 });
    expect(errors).toMatchObject([{ code: "refresh_failed" }]);
  });

  it("is replaced by another connection when two newer ones are refused", async () => {
    const { server } = clock;
    const { client, errors, token, messages } = await signedIn();
    for (let i = 0; i < 2; i++) token.mockResolvedValueOnce("forged");
    expire();
    const ack = client.room("lobby").send("hi");
    await clock.pass(9_000);
    expect(server.of("refresh")).toHaveLength(1);
    expect(errors).toMatchObject([{ code: "bad_token" }]);
    await clock.pass(13_000);
    expect(server.of("refresh")).toHaveLength(2);
    expect(await ack).toMatchObject({ seq: 1 });
    expect(server.connections).toBe(2);
    expect(errors).toMatchObject([{ code: "bad_token" }, { code: "bad_token" }, { code: "connection_lost" }]);
    expect(seqs(messages)).toEqual([1]);
    expect(JSON.stringify(errors)).not.toContain("forged");
  });

  it("keeps its connection when newer ones are refused before", async () => {
    const { server } = clock;
    const { token } = await signedIn(10 * MINUTE);
    for (let i = 0; i < 2; i++) token.mockResolvedValueOnce("forged");
    await clock.pass(10 * MINUTE - 100);
    expect(server.of("refresh").length).toBeGreaterThan(0);
    expect(server.connections).toBe(1);
    await clock.pass(2 * MINUTE);
    expect(server.connections).toBe(2);
    expect(token).toHaveBeenCalledTimes(4);
  });

  it("closes a client whose token is a string, and rejects pending calls with the reason", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby({ token: server.issue(HOUR) });
    const errors = collect(client, "error");
    expire();
    const failed = Promise.allSettled([client.room("lobby").send("one"), client.room("lobby").send("two"), client.room("lobby").presence()]);
    await clock.pass(5);
    const ended = { code: "token_expired", message: expect.stringContaining("make the option token a function") as string };
    expect(await failed).toMatchObject([{ reason: ended }, { reason: ended }, { reason: ended }]);
    expect(errors).toMatchObject([ended]);
    expect(client.state).toBe("closed");
    await clock.pass(HOUR);
    expect(server.attempts).toHaveLength(1);
  });

  it("reconnects if the URL function provides the tokens", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby({ userId: undefined, url: () => `ws://server/prod?token=${server.issue(HOUR)}` });
    expire();
    const ack = client.room("lobby").send("hi");
    await clock.pass(1000);
    expect(await ack).toMatchObject({ seq: 1 });
    expect(server.connections).toBe(2);
  });
});

describe("rooms that a new token does not permit", () => {
  it("are left with an event, what waits there is rejected, and they are joined again only by join()", async () => {
    const { server } = clock;
    const { client, errors } = await signedIn();
    void client.room("tea").join();
    await clock.pass(5);
    const left = collect(client, "left");
    server.revoked = ["tea", "never joined"];
    expire();
    const failed = Promise.allSettled([client.room("tea").send("one"), client.room("tea").send("two"), client.room("tea").presence()]);
    await clock.pass(50);
    const forbidden = { code: "forbidden", reaction: "show", message: 'the new token does not permit the room "tea"' };
    expect(await failed).toMatchObject([{ reason: forbidden }, { reason: forbidden }, { reason: forbidden }]);
    expect(left).toMatchObject([{ roomId: "tea", error: forbidden }]);
    expect(server.of("leave")).toEqual([]);
    expect(client.room("tea").position).toBeUndefined();
    server.drop();
    await clock.pass(1000);
    expect(server.of("join").map(({ roomId }) => roomId)).toEqual(["lobby", "tea", "lobby"]);
    void client.room("tea").join();
    const ack = client.room("tea").send("hi");
    await clock.pass(20);
    expect(await ack).toMatchObject({ seq: 1 });
    expect(errors).toMatchObject([{ code: "connection_lost" }]);
  });

  it("let a message that is under way be answered", async () => {
    const { server } = clock;
    vi.spyOn(Math, "random").mockReturnValue(0);
    const { client } = await signedIn(MINUTE);
    let answer = () => {};
    server.intercept = ({ action, message, clientId }, peer) => {
      if (action !== "sendMessage") return false;
      answer = () => peer.write(JSON.stringify({ type: "ack", roomId: "lobby", seq: 7, id: "a", timestamp: 1, clientId, message }));
      return true;
    };
    await clock.pass(25_000);
    const under = client.room("lobby").send("under way");
    const waits = client.room("lobby").send("waits").catch((error: unknown) => error);
    server.revoked = ["lobby"];
    await clock.pass(5_990);
    expect(server.of("refresh")).toHaveLength(1);
    answer();
    await clock.pass(5);
    expect(await under).toMatchObject({ seq: 7 });
    expect(await waits).toMatchObject({ code: "forbidden" });
    expect(server.of("sendMessage")).toHaveLength(1);
  });
});
