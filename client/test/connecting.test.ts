import { describe, expect, it, vi } from "vitest";

import { RoomcastClient } from "../src/index.js";
import type { Connection } from "../src/connection.js";
import { Reconnector } from "../src/reconnector.js";
import { outgoing } from "../src/outgoing.js";
import { settings } from "../src/options.js";
import { useClock } from "./clock.js";
import { collect } from "./harness.js";

const clock = useClock();

describe("a URL provider", () => {
  it("that hangs is given up after connectTimeout, and called again", async () => {
    let asked = 0;
    const client = await clock.connect({ url: () => (++asked === 1 ? new Promise<string>(() => {}) : "ws://server/prod") });
    const errors = collect(client, "error");
    await clock.pass(10_000);
    expect(errors).toMatchObject([{ code: "connect_failed", reaction: "retry", cause: { message: "the option url gave no URL within 10000 ms" } }]);
    await clock.pass(600);
    expect(client.state).toBe("open");
    expect(asked).toBe(2);
  });

  it("that hangs does not outlive the client", async () => {
    const client = await clock.connect({ url: () => new Promise<string>(() => {}) });
    client.close();
    await clock.pass(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ["undefined", undefined],
    ["null", null],
    ["a text", "down"],
    ["an error", new Error("down")],
    ["an error whose message is an object", Object.assign(new Error(), { message: { status: 500 } })],
    ["an error whose message cannot be read", Object.assign(new Error(), { message: Object.create(null) as unknown })],
    ["an object without a text", Object.create(null)],
  ])("may fail with anything (%s)", async (_, reason) => {
    let asked = 0;
    const client = await clock.connect({
      url: () => (++asked < 4 ? Promise.reject(reason as Error) : "ws://server/prod"),
    });
    const errors = collect(client, "error");
    await clock.pass(5000);
    expect(client.state).toBe("open");
    expect(asked).toBe(4);
    for (const { code, message } of errors) expect([code, typeof message]).toEqual(["connect_failed", "string"]);
  });

  it("is not shown with its query, which may hold a token", async () => {
    const client = await clock.connect({ url: () => "server/prod?token=secret" });
    const errors = collect(client, "error");
    await clock.pass(5000);
    expect(errors[0]!.message).toContain('"server/prod?…"');
    expect(JSON.stringify(errors.map(({ message, cause }) => [message, String(cause)]))).not.toContain("secret");
    expect(() => clock.make({ url: "server/prod?token=secret" })).toThrow(/^((?!secret)[\s\S])*$/);
  });

  it("is not shown with its query by what a WebSocket class says", async () => {
    class Telltale {
      readonly readyState = 3;
      constructor(url: string) {
        throw new SyntaxError(`cannot open ${url}`);
      }
    }
    const client = clock.make({ url: () => "ws://server/prod?token=sec%2Bret", userId: undefined, WebSocket: Telltale });
    const errors = collect(client, "error");
    await clock.pass(1);
    expect(errors[0]!.message).toContain("cannot open ws://server/prod?…");
    expect(String(errors[0]!.cause)).not.toContain("ret");
  });
});

describe("a connection failure", () => {
  it("is reported once for each attempt, and once for a connection that broke", async () => {
    const { server } = clock;
    vi.spyOn(Math, "random").mockReturnValue(1);
    const client = await clock.connect();
    const codes: unknown[] = [];
    client.on("error", ({ code, cause }) => codes.push([code, cause instanceof Error]));
    server.up = false;
    server.drop();
    await clock.pass(510);
    expect(codes).toEqual([["connection_lost", true], ["connect_failed", true]]);
    await clock.pass(1010);
    expect(codes).toHaveLength(3);
    expect(client.state).toBe("reconnecting");
    client.close();
    await clock.pass(10);
    expect(codes).toHaveLength(3);
  });
});

describe("a connection whose socket is closing", () => {
  /** Its close takes forever, as that of a dead network does. */
  class Closing extends EventTarget {
    static all: Closing[] = [];
    readyState = 0;
    readonly sent: string[] = [];
    constructor(readonly url: string) {
      super();
      Closing.all.push(this);
    }
    open(): void {
      this.readyState = 1;
      this.dispatchEvent(new Event("open"));
    }
    send(text: string): void {
      this.sent.push(text);
    }
    close(): void {
      this.readyState = 2;
    }
  }

  it("ends when it is replaced, and never sends on the next socket", async () => {
    const opened: Connection[] = [];
    let lost = 0;
    const reconnector = new Reconnector(settings({ url: "ws://server/prod", WebSocket: Closing }), {
      opened: (_, connection) => opened.push(connection),
      received: () => {},
      refreshed: () => {},
      ended: () => {},
      lost: () => lost++,
      failed: () => {},
      other: () => {},
    });
    await clock.pass(1);
    Closing.all[0]!.open();
    const [old] = opened;
    const reply = old!.request(outgoing("ping")).catch((error: unknown) => error);
    Closing.all[0]!.readyState = 2;
    reconnector.replace();
    expect(lost).toBe(1);
    expect(old!.closed).toBe(true);
    expect(await reply).toMatchObject({ code: "connection_lost" });
    await clock.pass(600);
    Closing.all[1]!.open();
    old!.send("{}");
    expect(Closing.all[1]!.sent).toEqual([]);
    expect(opened).toHaveLength(2);
    reconnector.close();
  });
});

describe("a connection that is open but not in all its rooms", () => {
  it("still pings, reads the inbox and rolls over", async () => {
    const { server } = clock;
    vi.spyOn(Math, "random").mockReturnValue(1);
    const client = await clock.connect({ pingInterval: 1000, rolloverAfter: 60_000 });
    collect(client, "notification");
    await clock.pass(5);
    server.intercept = ({ action }) => action === "join";
    void client.room("lobby").join().catch(() => undefined);
    server.drop();
    await clock.pass(5000);
    expect(client.state).toBe("reconnecting");
    expect(server.of("inbox")).toHaveLength(2);
    const before = server.of("ping").length;
    expect(before).toBeGreaterThan(1);
    await clock.pass(60_000);
    expect(server.of("ping").length).toBeGreaterThan(before + 50);
    expect(server.peers.size).toBe(2);
    expect(client.state).toBe("reconnecting");
  });
});

describe("options", () => {
  it.each([
    ["pingInterval", 999],
    ["pingInterval", 600_001],
    ["rolloverAfter", 7_200_001],
    ["requestTimeout", 60_001],
    ["retryBase", -1],
    ["connectTimeout", 0],
    ["maxQueued", 0],
    ["gapTimeout", Number.NaN],
    ["retryMax", "1" as unknown as number],
  ])("%s cannot be %s", (name, value) => {
    expect(() => new RoomcastClient({ url: "ws://server", [name]: value })).toThrow(new RegExp(`invalid option ${name} .*: expected a number from`));
  });

  it("need a url", () => {
    expect(() => settings({ url: undefined as unknown as string })).toThrow(TypeError);
    expect(settings({ url: "ws://server", pingInterval: undefined })).toMatchObject({ pingInterval: 300_000 });
  });
});
