import { afterEach, describe, expect, it, vi } from "vitest";

import { platformNetwork, type NetworkChange } from "../src/index.js";
import { useClock } from "./clock.js";
import { collect } from "./harness.js";

const clock = useClock();

/** A client whose network changes when the test says so. */
async function withNetwork(options: object = {}) {
  let tell!: (change: NetworkChange) => void;
  const stop = vi.fn();
  const { client, messages } = await clock.inLobby({
    ...options,
    network: (changed) => {
      tell = changed;
      return stop;
    },
  });
  const states = collect(client, "state");
  return { client, messages, states, stop, change: (change: NetworkChange) => tell(change) };
}

describe("an option network that is wrong", () => {
  it.each([
    ["returns an object", () => ({ remove: () => undefined }), "expected it to return a function or nothing, got object"],
    ["returns a promise", async () => undefined, "expected it to return a function"],
    ["throws", () => { throw new Error("no NetInfo"); }, "no NetInfo"],
  ])("(%s) makes no client, and leaves no connection behind", async (_, network, message) => {
    expect(() => clock.make({ network: network as never })).toThrow(message);
    await clock.pass(60_000);
    expect([clock.server.connections, clock.server.peers.size]).toEqual([0, 0]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not prevent the client from closing if it cannot be stopped", async () => {
    const uncaught: unknown[] = [];
    const note = (error: unknown) => uncaught.push(error);
    const others = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException").on("uncaughtException", note);
    const client = await clock.connect({ network: () => () => { throw new Error("cannot stop"); } });
    client.close();
    await clock.pass(10);
    vi.useRealTimers();
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.removeAllListeners("uncaughtException");
    for (const other of others) process.on("uncaughtException", other);
    expect([client.state, clock.server.peers.size]).toEqual(["closed", 0]);
    expect(uncaught).toMatchObject([{ message: "cannot stop" }]);
  });
});

describe("when the network may have changed", () => {
  it.each(["online", "offline", "resume"] as const)("a connection that is dead is replaced within seconds (%s)", async (what) => {
    const { server } = clock;
    const { messages, states, change } = await withNetwork();
    server.reachable = false;
    await clock.pass(60_000);
    expect(states).toEqual([]);
    server.say("lobby", "missed");
    change(what);
    await clock.pass(2_900);
    expect(states).toEqual([]);
    await clock.pass(200);
    expect(states).toEqual(["reconnecting"]);
    server.reachable = true;
    await clock.pass(15_000);
    expect(states).toEqual(["reconnecting", "open"]);
    expect(messages).toMatchObject([{ text: "missed" }]);
  });

  it("a connection that works is kept, and pinged once however often the network changes", async () => {
    const { server } = clock;
    const { client, states, change } = await withNetwork();
    for (let i = 0; i < 5; i++) change("resume");
    await clock.pass(10_000);
    expect(server.of("ping")).toHaveLength(1);
    expect([states, server.connections, client.state]).toEqual([[], 1, "open"]);
    change("online");
    await clock.pass(10);
    expect(server.of("ping")).toHaveLength(2);
  });

  it.each(["online", "resume"] as const)("the next attempt comes at once (%s)", async (what) => {
    const { server } = clock;
    vi.spyOn(Math, "random").mockReturnValue(0.99);
    const { states, change } = await withNetwork();
    server.up = false;
    server.drop();
    await clock.pass(120_000);
    const attempts = server.attempts.length;
    server.up = true;
    change(what);
    await clock.pass(10);
    expect(server.attempts.length).toBe(attempts + 1);
    expect(states.at(-1)).toBe("open");
  });

  it.each(["url", "token"] as const)("a function that hangs is called again (%s), and the connection after it is like any other", async (option) => {
    const { server } = clock;
    const asked = vi.fn(() => (asked.mock.calls.length === 1 ? new Promise<string>(() => {}) : Promise.resolve(option === "url" ? "ws://server/prod" : "t")));
    let change!: (change: NetworkChange) => void;
    const client = await clock.connect({ [option]: asked, network: (changed) => void (change = changed) });
    const states = collect(client, "state");
    await clock.pass(500);
    change("online");
    await clock.pass(20);
    expect([client.state, asked.mock.calls.length, server.connections]).toEqual(["open", 2, 1]);
    server.drop();
    await clock.pass(1);
    expect(states).toEqual(["reconnecting", "open", "reconnecting"]);
    await clock.pass(5000);
    expect([client.state, server.connections]).toEqual(["open", 2]);
  });

  it("an attempt that hangs is replaced", async () => {
    const { server } = clock;
    const { states, change } = await withNetwork();
    server.silent = true;
    server.drop();
    await clock.pass(2_000);
    expect(server.attempts).toHaveLength(2);
    server.silent = false;
    change("resume");
    await clock.pass(10);
    expect(states).toEqual(["reconnecting"]);
    change("online");
    await clock.pass(10);
    expect(server.attempts).toHaveLength(3);
    expect(states).toEqual(["reconnecting", "open"]);
  });

  it("no event is listened to after close()", async () => {
    const { client, stop, change } = await withNetwork();
    client.close();
    expect(stop).toHaveBeenCalledOnce();
    change("online");
    await clock.pass(10_000);
    expect(clock.server.connections).toBe(1);
  });
});

describe("the platform's events", () => {
  const listened = new EventTarget();
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });

  afterEach(() => vi.unstubAllGlobals());

  function listen(): { changes: NetworkChange[]; stop: () => void } {
    vi.stubGlobal("addEventListener", listened.addEventListener.bind(listened));
    vi.stubGlobal("removeEventListener", listened.removeEventListener.bind(listened));
    vi.stubGlobal("document", page);
    const changes: NetworkChange[] = [];
    return { changes, stop: platformNetwork((change) => changes.push(change)) };
  }

  it("are those of a browser, as long as they are listened to", () => {
    const { changes, stop } = listen();
    const fire = () => {
      for (const name of ["online", "offline", "pageshow"]) listened.dispatchEvent(new Event(name));
      for (const name of ["resume", "visibilitychange"]) page.dispatchEvent(new Event(name));
    };
    fire();
    expect(changes).toEqual(["online", "offline", "resume", "resume", "resume"]);
    stop();
    fire();
    expect(changes).toHaveLength(5);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("say nothing when a page becomes hidden", () => {
    const { changes, stop } = listen();
    page.visibilityState = "hidden";
    page.dispatchEvent(new Event("visibilitychange"));
    expect(changes).toEqual([]);
    page.visibilityState = "visible";
    stop();
  });

  it("are optional: a clock that jumps shows that the machine slept", async () => {
    const changes: NetworkChange[] = [];
    const stop = platformNetwork((change) => changes.push(change));
    await clock.pass(600_000);
    expect(changes).toEqual([]);
    vi.setSystemTime(Date.now() + 60_000);
    await clock.pass(5_000);
    expect(changes).toEqual(["resume"]);
    stop();
  });
});
