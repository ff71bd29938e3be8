import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";

import { afterEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";

import { RoomcastClient, type Problem, type RoomcastOptions } from "../src/index.js";
import { useClock } from "./clock.js";
import { collect } from "./harness.js";

const cleanups: (() => unknown)[] = [];

/** Waits as long as a busy machine may take. */
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 20_000 });

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

/** A server that refuses every handshake with a status, and says why at the local gateway's address if it knows that. */
async function refusing(status: number, diagnose?: (response: ServerResponse) => void): Promise<{ server: Server; url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    if (diagnose === undefined) response.writeHead(404).end("<!doctype html>");
    else diagnose(response);
  });
  server.on("upgrade", (_, socket) => {
    // A client that is closed meanwhile resets it.
    socket.on("error", () => undefined);
    socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\n\r\n`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => server.close());
  return { server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/prod`, asked };
}

function client(url: string, options: Partial<RoomcastOptions> = {}): { made: RoomcastClient; problems: Problem[] } {
  const made = new RoomcastClient({ url, WebSocket, retryBase: 10, retryMax: 20, ...options });
  cleanups.push(() => made.close());
  return { made, problems: collect(made, "problem") };
}

describe("a set-up that is wrong", () => {
  it.each([
    [401, "signature, issuer, audience and expiry"],
    [403, "names the stage"],
    [404, "names the stage"],
    [429, "close connections"],
    [500, "check the logs"],
  ])("is reported by its status, after three attempts and once (%i)", async (status, hint) => {
    const { url } = await refusing(status);
    const { made, problems } = client(url, { token: () => "a.b.c" });
    const errors = collect(made, "error");
    await eventually(() => expect(errors.length).toBeGreaterThan(8));
    expect(problems).toMatchObject([{ status, hint: expect.stringContaining(hint) as string, error: { code: "connect_failed" } }]);
    expect(problems[0]!.attempts).toBeGreaterThanOrEqual(3);
    expect(made.state).toBe("reconnecting");
  });

  it("stops asking the local gateway when the client is closed", async () => {
    const { url } = await refusing(401);
    let signal: AbortSignal | null | undefined;
    const asking = vi.spyOn(globalThis, "fetch").mockImplementation((_, init) => {
      signal = init?.signal;
      return new Promise(() => {});
    });
    cleanups.push(() => asking.mockRestore());
    const { made, problems } = client(url);
    await eventually(() => expect(signal).toBeDefined());
    made.close();
    expect(signal?.aborted).toBe(true);
    expect(problems).toEqual([]);
  });

  it("is reported with the reason that the local gateway gives", async () => {
    const { url, asked } = await refusing(401, (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ status: 401, reason: "the token is refused: audience" }));
    });
    const { problems } = client(url, { token: () => "a.b.c" });
    await eventually(() => expect(problems).toHaveLength(1));
    expect(problems[0]).toMatchObject({ status: 401, reason: "the token is refused: audience" });
    expect(asked[0]).toBe("/_roomcast/refusal?path=%2Fprod");
  });

  it("is reported when nothing answers there", async () => {
    const { server, url } = await refusing(401);
    server.close();
    const { problems } = client(url);
    await eventually(() => expect(problems).toHaveLength(1));
    expect(problems[0]).toMatchObject({ status: undefined, reason: expect.stringContaining("ECONNREFUSED") as string });
  });

  it.each([
    ["an HTML page", "<!doctype html><title>Vite</title>", "gave an HTML page"],
    ["a line break at the end", "eyJ.eyJ.sig\n", "trim() it"],
    ["a Windows line break at the end", "eyJ.eyJ.sig\r\n", "trim() it"],
    ["JSON", '{"token":"eyJ.eyJ.sig"}', "gave JSON"],
    ["a text in quotes", '"eyJ.eyJ.sig"', "gave JSON"],
    ["a header", "Bearer eyJ.eyJ.sig", 'leave out "Bearer "'],
    ["an object", { token: "eyJ" }, "gave an object"],
    ["nothing but spaces", "  \n", "an empty token"],
    ["two lines", "eyJ\neyJ", "white space in it"],
    ["far too much", "a".repeat(8193), "the server accepts 8192"],
  ])("a token function that gives %s is reported as that", async (_, token, reason) => {
    for (const tokenInQuery of [false, true]) {
      const { problems } = client("ws://127.0.0.1:9/prod", { token: () => token as string, tokenInQuery });
      await eventually(() => expect(problems).toHaveLength(1));
      expect(problems[0]!.reason).toContain(reason);
      expect(problems[0]!.reason).not.toContain("tokenIn");
      expect(JSON.stringify(problems[0])).not.toContain("eyJ.eyJ");
    }
  });

  it("is a console warning without a listener", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    cleanups.push(() => warn.mockRestore());
    const { url } = await refusing(403);
    const made = new RoomcastClient({ url, WebSocket, retryBase: 10, retryMax: 20 });
    cleanups.push(() => made.close());
    await eventually(() => expect(warn).toHaveBeenCalled());
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^roomcast: cannot connect: .*403.*names the stage/)]]);
  });

  it("is reported when a token makes the URL longer than API Gateway takes", async () => {
    const { problems } = client("ws://127.0.0.1:9/prod", { token: () => "a".repeat(4100), tokenInQuery: true });
    await eventually(() => expect(problems).toHaveLength(1));
    expect(problems[0]!.reason).toContain("API Gateway accepts 4096");
  });

  it("is reported again when the reason changes", async () => {
    let reason = "the token is refused: audience";
    const { url } = await refusing(401, (response) => response.end(JSON.stringify({ status: 401, reason })));
    const { problems } = client(url);
    await eventually(() => expect(problems).toHaveLength(1));
    reason = "the token is refused: expired";
    await eventually(() => expect(problems).toHaveLength(2));
    expect(problems[1]).toMatchObject({ reason });
  });
});

describe("the options", () => {
  it.each([
    ["no object", undefined, /invalid options: expected an object/],
    ["a url without a scheme", { url: "api.example.com/prod" }, /invalid option url "api.example.com\/prod": expected wss:/],
    ["a path", { url: "/prod" }, /expected wss:/],
    ["a url of another scheme", { url: "ftp://x/prod" }, /expected wss:/],
    ["a userId that is too long", { url: "wss://x/prod", userId: "u".repeat(129) }, /option userId: must be 1 to 128 characters/],
    ["an empty userId", { url: "wss://x/prod", userId: "" }, /option userId/],
    ["a userId with a line break", { url: "wss://x/prod", userId: "a\nb" }, /control characters/],
    ["a userId that is a number", { url: "wss://x/prod", userId: 7 }, /option userId: must be a string/],
    ["a token with a line break", { url: "wss://x/prod", token: "eyJ.eyJ.sig\n" }, /trim\(\) it/],
    ["an empty token", { url: "wss://x/prod", token: "" }, /option token gave an empty token/],
    ["a network that is not a function", { url: "wss://x/prod", network: true }, /option network/],
    ["a WebSocket that is not a class", { url: "wss://x/prod", WebSocket: {} }, /option WebSocket: expected a class/],
    ["a number that is a symbol", { url: "wss://x/prod", retryMax: Symbol("s") }, /option retryMax/],
  ])("that are %s are refused at once", (_, options, message) => {
    const all = options === undefined ? undefined : { WebSocket, ...options };
    expect(() => new RoomcastClient(all as never)).toThrow(message);
    expect(() => new RoomcastClient(all as never)).toThrow(/option|token/);
  });

  it("are refused where there is no WebSocket, by the name of the option and of the package", () => {
    vi.stubGlobal("WebSocket", undefined);
    cleanups.push(() => vi.unstubAllGlobals());
    expect(() => new RoomcastClient({ url: "wss://x/prod" })).toThrow(TypeError);
    expect(() => new RoomcastClient({ url: "wss://x/prod" })).toThrow(/option WebSocket.* package ws/);
  });

  it("take an https URL for the WebSocket of that host, as browsers do", async () => {
    const { url } = await refusing(403);
    const { problems } = client(url.replace("ws:", "http:"));
    await eventually(() => expect(problems).toMatchObject([{ status: 403 }]));
  });

  it("refuse a listener that is not a function", () => {
    const { made } = client("ws://127.0.0.1:9/prod");
    expect(() => made.on("message", undefined as never)).toThrow(/expected a function/);
  });
});

describe("what waits for a connection that never comes", () => {
  const clock = useClock();

  it("is rejected in the end, whatever it is", async () => {
    clock.server.up = false;
    const waiting = await clock.connect({ queueTimeout: 60_000 });
    const calls = {
      join: waiting.room("lobby").join(),
      send: waiting.room("lobby").send("one"),
      next: waiting.room("lobby").send("two"),
      history: waiting.room("lobby").history(),
      notify: waiting.notify("bob", 1),
      acknowledge: waiting.acknowledge(["x"]),
      presence: waiting.room("lobby").presence(),
      ping: waiting.checkConnection(),
      request: waiting.request("shout"),
      rollover: waiting.rollover(),
    };
    const settled = Promise.allSettled(Object.values(calls));
    await clock.pass(60_100);
    expect((await settled).map((outcome) => (outcome as { reason?: { code: string } }).reason?.code)).toEqual(Object.keys(calls).map(() => "timeout"));
    const left = waiting.room("lobby").leave();
    await clock.pass(30_000);
    await left;
  });

  it("takes no place in the queue once it is given up", async () => {
    clock.server.up = false;
    const waiting = await clock.connect({ queueTimeout: 60_000, maxQueued: 2, retryMax: 1_000 });
    const lost = [waiting.room("lobby").send("one", { idempotencyKey: "c1" }), waiting.room("lobby").send("two")].map((sent) => sent.catch((error: unknown) => error));
    await clock.pass(60_100);
    expect(await Promise.all(lost)).toMatchObject([{ code: "timeout" }, { code: "timeout" }]);
    void waiting.room("lobby").join().catch(() => undefined);
    const again = waiting.room("lobby").send("one", { idempotencyKey: "c1" });
    clock.server.up = true;
    await clock.pass(3_000);
    expect(await again).toMatchObject({ seq: 1 });
  });
});
