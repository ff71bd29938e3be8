import { WebSocketServer, WebSocket as Ws } from "ws";
import { afterEach, describe, expect, it, vi } from "vitest";

import { RoomcastClient } from "../src/index.js";
import { useClock } from "./clock.js";
import { collect } from "./harness.js";

const clock = useClock();

afterEach(() => vi.unstubAllGlobals());

describe("a listener that asks for a check after each failure", () => {
  it.each(["error", "state"] as const)("does not skip the wait before the next attempt (%s)", async (event) => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    const { server } = clock;
    const client = await clock.connect();
    client.on(event, () => void client.checkConnection().catch(() => undefined));
    server.up = false;
    server.drop();
    // 500, 1,000, 2,000 and 4,000 ms.
    await clock.pass(8_000);
    expect(server.attempts).toHaveLength(1 + 4);
  });

  it("does not block the page while the token function fails at once", async () => {
    let asked = 0;
    const client = clock.make({
      token: () => {
        // Fails instead of running forever.
        if (++asked > 100) return new Promise(() => undefined);
        throw new Error("signed out");
      },
    });
    client.on("error", () => void client.checkConnection().catch(() => undefined));
    await clock.pass(5_000);
    expect(asked).toBeLessThan(20);
  });
});

describe("a client that a listener closes", () => {
  it.each(["rollover", "state", "error", "joined"] as const)("stays closed, without a timer or a connection (%s)", async (event) => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    const states = collect(client, "state");
    client.on(event, () => client.close());
    if (event === "rollover") void client.rollover().catch(() => undefined);
    else server.drop();
    await clock.pass(5_000);
    expect(client.state).toBe("closed");
    expect(states.at(-1)).toBe("closed");
    expect(states.filter((state) => state === "closed")).toHaveLength(1);
    expect(server.peers.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("an attempt to connect", () => {
  it("fails and is made again if the platform loses its WebSocket class, and nothing is rejected unhandled", async () => {
    const { server } = clock;
    vi.stubGlobal("WebSocket", server.WebSocket);
    const client = new RoomcastClient({ url: "ws://server/prod", userId: "ada" });
    const errors = collect(client, "error");
    await clock.pass(5);
    Reflect.deleteProperty(globalThis, "WebSocket");
    server.drop();
    await clock.pass(2_000);
    expect(errors.map(({ code }) => code)).toContain("connect_failed");
    vi.stubGlobal("WebSocket", server.WebSocket);
    await clock.pass(30_000);
    expect(client.state).toBe("open");
    client.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is not made on a platform without a WebSocket class", () => {
    vi.stubGlobal("WebSocket", undefined);
    expect(() => new RoomcastClient({ url: "ws://server/prod", userId: "ada" })).toThrow("missing option WebSocket");
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(["url", "token"] as const)("that was given up takes nothing from a late answer of the option %s", async (option) => {
    const { server } = clock;
    const answers: ((value: string) => void)[] = [];
    const failures: ((reason: Error) => void)[] = [];
    const client = await clock.connect({
      [option]: () =>
        new Promise<string>((resolve, reject) => {
          answers.push(resolve);
          failures.push(reject);
        }),
    });
    await clock.pass(10_000 + 20_000);
    expect(answers.length).toBeGreaterThan(1);
    answers[0]!(option === "url" ? "ws://old/prod" : "old");
    failures[1]?.(new Error("late"));
    await clock.pass(100);
    expect(server.attempts).toHaveLength(0);
    answers.at(-1)!(option === "url" ? "ws://new/prod" : "new");
    await clock.pass(100);
    expect(client.state).toBe("open");
    const [peer] = server.peers;
    expect([peer!.url, ...peer!.protocols].join()).toContain("new");
  });

  it("goes to the address and with the token of its own time", async () => {
    const { server } = clock;
    let n = 0;
    const client = await clock.connect({ url: () => `ws://server${++n}/prod`, token: () => `token${n}` });
    for (let i = 1; i <= 3; i++) {
      expect([...server.peers].map(({ url, protocols }) => [new URL(url).host, protocols[1]])).toEqual([[`server${i}`, `token${i}`]]);
      server.drop();
      await clock.pass(10_000);
    }
    expect(client.state).toBe("open");
  });

  it("that hangs ends with the client, also in the package ws", async () => {
    vi.useRealTimers();
    const silent = new WebSocketServer({ port: 0, verifyClient: (_info: unknown, _answer: unknown) => undefined });
    await new Promise((resolve) => silent.once("listening", resolve));
    const { port } = silent.address() as { port: number };
    const rejected = vi.fn();
    process.on("unhandledRejection", rejected);
    const client = new RoomcastClient({ url: `ws://localhost:${port}/prod`, userId: "ada", WebSocket: Ws });
    const errors = collect(client, "error");
    await new Promise((resolve) => setTimeout(resolve, 100));
    client.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.off("unhandledRejection", rejected);
    silent.close();
    expect([errors, rejected.mock.calls]).toEqual([[], []]);
  });
});

describe("a page that comes back from the back/forward cache", () => {
  it.each([true, false])("connects once, whether its connection was closed first (%s)", async (closedFirst) => {
    const { server } = clock;
    let change!: (what: "resume" | "online") => void;
    const client = await clock.connect({ network: (changed) => void (change = changed) });
    const resume = () => {
      // A page that was asleep reports it in several events.
      change("resume");
      change("online");
      change("resume");
    };
    if (closedFirst) {
      server.drop();
      resume();
    } else {
      resume();
      server.drop();
    }
    await clock.pass(3_000);
    expect(client.state).toBe("open");
    expect(server.attempts).toHaveLength(2);
    expect(server.peers.size).toBe(1);
  });
});

describe("a signal", () => {
  it("may be one of a platform whose signals have neither a reason nor throwIfAborted, or null", async () => {
    const client = await clock.connect();
    const signal = Object.assign(new EventTarget(), { aborted: false }) as unknown as AbortSignal;
    clock.server.silent = true;
    const aborted = client.rollover({ signal }).catch((reason: unknown) => reason);
    signal.dispatchEvent(new Event("abort"));
    expect(await aborted).toMatchObject({ name: "AbortError" });
    const late = client.rollover({ signal: Object.assign(signal, { aborted: true }) });
    await expect(late).rejects.toMatchObject({ name: "AbortError" });
    const working = client.checkConnection({ signal: null as unknown as AbortSignal });
    await clock.pass(10);
    await working;
  });

  it("ends a check, a rollover and a request, and leaves no unhandled rejection", async () => {
    const { server } = clock;
    const client = await clock.connect();
    server.reachable = false;
    server.silent = true;
    const rejected = vi.fn();
    process.on("unhandledRejection", rejected);
    const abort = new AbortController();
    const options = { signal: abort.signal };
    const calls = [client.checkConnection(options), client.rollover(options), client.request("slow", {}, options)];
    await clock.pass(10);
    abort.abort(new Error("enough"));
    const ends = await Promise.allSettled(calls);
    expect(ends.map((end) => end.status === "rejected" && (end.reason as Error).message)).toEqual(["enough", "enough", "enough"]);
    client.close();
    await clock.pass(60_000);
    vi.useRealTimers();
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off("unhandledRejection", rejected);
    expect(rejected).not.toHaveBeenCalled();
  });
});
