import { describe, expect, it, vi } from "vitest";

import { RoomcastClient, type RoomcastOptions } from "../src/index.js";
import { expiryOf } from "../src/token.js";
import { useClock } from "./clock.js";
import { collect, connect, startServer } from "./harness.js";

const clock = useClock();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A provider of tokens that hold for a while, and what it gave. */
function wallet(holds = HOUR) {
  const given: string[] = [];
  const token = vi.fn(async () => {
    given.push(clock.server.issue(holds));
    return given.at(-1)!;
  });
  clock.server.tokens = new Map();
  return { token, given };
}

describe("a token", () => {
  it("is a subprotocol, in no URL, and a fresh one for every attempt", async () => {
    const { token, given } = wallet();
    const { server } = clock;
    await clock.connect({ token });
    const peers = [...server.peers];
    server.drop();
    await clock.pass(1000);
    peers.push(...server.peers);
    expect(given).toHaveLength(2);
    expect(peers.map(({ protocols }) => protocols)).toEqual(given.map((one) => ["roomcast", one]));
    expect(peers.map(({ url }) => url)).toEqual(["ws://server/prod", "ws://server/prod"]);
  });

  it("is in the query if tokenInQuery is set", async () => {
    const { token, given } = wallet();
    await clock.connect({ token, tokenInQuery: true, url: "ws://server/prod?roomId=lobby" });
    expect([...clock.server.peers].map(({ url, protocols }) => [url, protocols])).toEqual([[`ws://server/prod?roomId=lobby&token=${given[0]}`, []]]);
  });

  it("may be a string", async () => {
    const token = clock.server.issue(HOUR);
    const { client } = await clock.inLobby({ token });
    clock.server.drop();
    await clock.pass(1000);
    expect(client.state).toBe("open");
    expect([...clock.server.peers].map(({ protocols }) => protocols[1])).toEqual([token]);
  });

  it("passes a real WebSocket, which expects an answer to its subprotocol", async () => {
    vi.useRealTimers();
    const server = await startServer();
    const client = connect(server, { userId: undefined, token: "e30.e30.c2ln" });
    await client.room("lobby").join();
    expect([...server.peers].map(({ protocols }) => protocols)).toEqual([["roomcast", "e30.e30.c2ln"]]);
  });

  it.each<[string, Partial<RoomcastOptions>, RegExp]>([
    ["beside a userId", { token: "t", userId: "ada" }, /option userId: expected none beside a token/],
    ["of another type", { token: 5 as unknown as string }, /option token: expected a string or a function/],
    ["in another place", { token: "t", tokenInQuery: "query" as unknown as boolean }, /option tokenInQuery: expected a boolean/],
  ])("%s is refused at once", (_, options, message) => {
    expect(() => new RoomcastClient({ url: "ws://server", ...options })).toThrow(message);
  });
});

describe("a token that is a string", () => {
  const ended = { code: "token_expired", message: expect.stringContaining("make the option token a function") as string };

  it("closes the client if it expired while nothing was sent", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5); // so that no ping falls into the minute after the end
    const { server } = clock;
    const { client } = await clock.inLobby({ token: server.issue(HOUR) });
    const errors = collect(client, "error");
    await clock.pass(HOUR + MINUTE);
    const waits = client.room("lobby").send("hi").catch((error: unknown) => error);
    await clock.pass(HOUR);
    expect(errors).toMatchObject([{ code: "connection_lost" }, { code: "connect_failed" }, ended]);
    expect(await waits).toMatchObject({ code: "token_expired" });
    expect(client.state).toBe("closed");
    expect(server.attempts).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("closes the client if it had expired before", async () => {
    const { server } = clock;
    const client = clock.make({ token: server.issue(-11_000) });
    const errors = collect(client, "error");
    const joined = client.room("lobby").join().catch((error: unknown) => error);
    await clock.pass(MINUTE);
    expect(errors).toMatchObject([{ code: "connect_failed" }, ended]);
    expect(await joined).toMatchObject(ended);
    expect(server.attempts).toHaveLength(1);
  });

  it("is used as long as the server accepts it, whatever this clock says", async () => {
    const { server } = clock;
    const token = server.issue(-HOUR);
    server.tokens!.set(token, Date.now() + HOUR);
    const client = await clock.connect({ token });
    server.drop();
    await clock.pass(1000);
    expect(client.state).toBe("open");
    expect(server.connections).toBe(2);
  });

  it("is tried again while it holds", async () => {
    const { server } = clock;
    server.up = false;
    const client = await clock.connect({ token: server.issue(HOUR) });
    await clock.pass(30 * MINUTE);
    expect(server.attempts.length).toBeGreaterThan(90);
    server.up = true;
    await clock.pass(20_000);
    expect(client.state).toBe("open");
  });
});

describe("a token provider", () => {
  it.each([
    ["fails", () => Promise.reject(new Error("signed out")), "signed out"],
    ["throws", () => { throw new Error("signed out"); }, "signed out"],
    ["gives nothing", () => "", "gave an empty token"],
    ["gives no string", () => undefined as unknown as string, "gave no token"],
    ["gives an invalid subprotocol", () => "sec§ret", "set the option tokenInQuery"],
  ])("that %s is asked again, at the pace of any retry, and nobody connects without", async (_, token, why) => {
    const provider = vi.fn(token);
    const client = await clock.connect({ token: provider });
    const errors = collect(client, "error");
    await clock.pass(10 * MINUTE);
    expect(clock.server.attempts).toEqual([]);
    expect(provider.mock.calls.length).toBeGreaterThan(30);
    expect(provider.mock.calls.length).toBeLessThan(120);
    expect(errors[0]).toMatchObject({ code: "connect_failed", message: expect.stringContaining(why) as string });
    expect(JSON.stringify(errors.map(({ message, cause }) => [message, String(cause)]))).not.toContain("sec§ret");
  });

  it("that hangs is given up after connectTimeout, and does not outlive the client", async () => {
    const { token } = wallet();
    token.mockImplementationOnce(() => new Promise(() => {}));
    const client = await clock.connect({ token });
    const errors = collect(client, "error");
    await clock.pass(10_000);
    expect(errors).toMatchObject([{ cause: { message: "the option token gave no token within 10000 ms" } }]);
    await clock.pass(600);
    expect(client.state).toBe("open");
    token.mockImplementation(() => new Promise(() => {}));
    clock.server.drop();
    await clock.pass(600);
    client.close();
    await clock.pass(0);
    expect(clock.server.peers.size).toBe(0);
  });

  it("is called again after a refused handshake", async () => {
    const { token, given } = wallet();
    const forged = Array.from({ length: 3 }, (_, n) => `forged.${n}.forged`);
    for (const one of forged) token.mockResolvedValueOnce(one);
    const client = await clock.connect({ token });
    const errors = collect(client, "error");
    await clock.pass(10_000);
    expect(client.state).toBe("open");
    expect(given).toHaveLength(1);
    expect(clock.server.attempts).toHaveLength(4);
    expect(JSON.stringify(errors)).not.toContain("forged");
  });
});

describe("an error", () => {
  it.each([false, true])("contains no token, whatever the WebSocket class says (in the query: %s)", async (tokenInQuery) => {
    class Telltale {
      readonly readyState = 0;
      constructor(url: string, protocols?: string | string[]) {
        throw new SyntaxError(`cannot open ${url} with ${String(protocols)}`);
      }
    }
    const client = clock.make({ token: "secret", tokenInQuery, WebSocket: Telltale });
    const errors = collect(client, "error");
    await clock.pass(1);
    expect(errors[0]).toMatchObject({ code: "connect_failed", message: expect.stringContaining("cannot open ws://server/prod") as string });
    expect([errors[0]!.message, String(errors[0]!.cause)].join()).not.toContain("secret");
  });
});

describe("the expiry of a token", () => {
  const jwt = (payload: string) => `e30.${Buffer.from(payload).toString("base64url")}.c2ln`;

  it.each([
    [jwt('{"exp":1790000000}'), 1790000000000],
    [jwt('{"exp":1790000000.5,"name":"Zoë ÿ?>"}'), 1790000000500],
    [jwt('{"exp":"1790000000"}'), undefined],
    [jwt("{}"), undefined],
    [jwt("null"), undefined],
    [jwt("nonsense"), undefined],
    ["e30.!.c2ln", undefined],
    ["opaque", undefined],
    ["a.b", undefined],
    ["", undefined],
  ])("is read from its payload where there is one (%s)", (token, end) => {
    expect(expiryOf(token)).toBe(end);
  });
});
