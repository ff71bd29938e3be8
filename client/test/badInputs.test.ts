import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import { reactionTo } from "../src/errors.js";
import { RoomcastClient, RoomcastError } from "../src/index.js";
import { badInputs, expand, VALUES, type BadInput } from "./badValues.js";
import { FakeServer } from "./fakeServer.js";
import { reaches } from "./harness.js";
import { randomFrom } from "./random.js";

// One client takes all of it, so that the last call shows that it came through.
let server: FakeServer;
let client: RoomcastClient;
let errors: RoomcastError[];
const states: string[] = [];
const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);

beforeAll(async () => {
  process.on("unhandledRejection", note);
  process.on("uncaughtException", note);
  server = await FakeServer.start();
  client = new RoomcastClient({ url: server.url, userId: "ada", WebSocket, retryBase: 20, retryMax: 50 });
  errors = [];
  client.on("error", (error) => errors.push(error));
  await reaches(client, "open");
  await client.room("lobby").join();
  client.on("state", (state) => states.push(state));
});

afterAll(async () => {
  client.close();
  await server.stop();
  process.off("unhandledRejection", note);
  process.off("uncaughtException", note);
});

/** Makes the call of a case; resolves with the error that it is refused with, or undefined. */
async function refusal(call: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
  const any = args as Record<string, never>;
  try {
    switch (call) {
      case "sendMessage":
        return void (await client.room(any.roomId!).send(any.message!, { idempotencyKey: any.clientId }));
      case "join":
        return void (await client.room(any.roomId!).join("since" in any || "epoch" in any ? { since: { seq: any.since!, epoch: any.epoch! } } : {}));
      case "leave":
        return void (await client.room(any.roomId!).leave());
      case "history":
        return void (await client.room(any.roomId!).history({ before: any.before, limit: any.limit }));
      case "presence":
        return void (await client.room(any.roomId!).presence());
      case "notify":
        return void (await client.notify("userIds" in any ? any.userIds! : any.userId!, any.notification!, { idempotencyKey: any.clientId }));
      case "ackNotification":
        return void (await client.acknowledge(any.ids!));
      case "request":
        return void (await client.request(any.action!, any.fields, { idempotencyKey: any.clientId, timeout: any.timeout }));
      case "cursorMove": {
        const before = errors.length;
        client.room(any.roomId!).moveCursor(any.position!, any.color);
        return errors[before];
      }
      default:
        throw new Error(`no such call: ${call}`);
    }
  } catch (error) {
    return error;
  }
}

async function tryCase({ call, args, code }: Pick<BadInput, "call" | "args" | "code">): Promise<void> {
  const sent = server.requests.length;
  const error = await refusal(call, args);
  expect(error).toBeInstanceOf(RoomcastError);
  expect(error).toMatchObject({ code, reaction: reactionTo(code) });
  // At once: nothing was sent.
  expect(server.requests.length).toBe(sent);
}

describe("what the server would refuse is refused immediately, with its code", () => {
  it.each(badInputs())("$name", ({ call, args, code }) => tryCase({ call, code, args: expand(args) as BadInput["args"] }));

  it.each([
    { name: "an action that is not a string", args: { action: 7 }, code: "bad_frame" },
    { name: "an action that is missing", args: {}, code: "bad_frame" },
    { name: "an empty action", args: { action: "" }, code: "bad_field" },
    { name: "an action of 129 characters", args: { action: "a".repeat(129) }, code: "bad_field" },
    { name: "an action with a lone surrogate", args: { action: "a\ud800" }, code: "bad_field" },
    { name: "a route of API Gateway's", args: { action: "$connect" }, code: "bad_field" },
    { name: "fields that are too deep", args: { action: "shout", fields: { deep: expand({ $nest: 32 }) } }, code: "bad_frame" },
    { name: "one of Roomcast's actions", args: { action: "join", fields: { roomId: "x" } }, code: "bad_field" },
    { name: "fields that are a list", args: { action: "shout", fields: [1] }, code: "bad_field" },
    { name: "fields that are a text", args: { action: "shout", fields: "x" }, code: "bad_field" },
    { name: "fields with a BigInt", args: { action: "shout", fields: { n: 1n } }, code: "bad_field" },
    { name: "fields with a cycle", args: { action: "shout", fields: VALUES.cycle!() }, code: "bad_field" },
    { name: "a clientId among the fields", args: { action: "shout", fields: { clientId: "x" } }, code: "bad_field" },
    { name: "an action among the fields", args: { action: "shout", fields: { action: "x" } }, code: "bad_field" },
    { name: "an action that toJSON() makes", args: { action: "shout", fields: { toJSON: () => ({ action: "join", roomId: "x" }) } }, code: "bad_field" },
    { name: "an action in other letters", args: { action: "shout", fields: { Action: "x" } }, code: "bad_field" },
    { name: "a clientId in other letters", args: { action: "shout", fields: { clientID: "x" } }, code: "bad_field" },
    { name: "a typed array among the fields", args: { action: "shout", fields: { data: new Uint8Array(3) } }, code: "bad_field" },
    { name: "more than a frame", args: { action: "shout", fields: { text: "x".repeat(32_800) } }, code: "message_too_large" },
    { name: "more than a frame, in CJK", args: { action: "shout", fields: { text: "語".repeat(11_000) } }, code: "message_too_large" },
    { name: "a time-out that is not a number", args: { action: "shout", timeout: "soon" }, code: "bad_field" },
    { name: "a time-out of NaN", args: { action: "shout", timeout: NaN }, code: "bad_field" },
    { name: "a clientId that is too long", args: { action: "shout", clientId: "c".repeat(65) }, code: "bad_field" },
  ])("request: $name", ({ args, code }) => tryCase({ call: "request", args, code }));

  it("is refused without being encoded as a whole", async () => {
    let read = 0;
    const endless = (): object => Object.defineProperty([], "0", { enumerable: true, get: () => [endless(), endless(), read++] });
    for (const notification of [endless(), new Array(10_000_000).fill(0), { a: "x".repeat(50_000_000) }]) {
      expect(["message_too_large", "bad_frame"]).toContain(((await refusal("notify", { userId: "bob", notification })) as RoomcastError).code);
    }
    expect(read).toBeLessThan(100_000);
  });

  it.each(["sendMessage", "join", "leave", "history", "presence", "notify", "ackNotification", "cursorMove", "request"])(
    "%s takes a proxy that was revoked for a wrong type",
    async (call) => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      const args = { roomId: proxy, message: proxy, userId: proxy, notification: proxy, ids: proxy, position: proxy, action: "shout", fields: proxy };
      await tryCase({ call, args, code: "bad_field" });
    },
  );

  it("sends what is just small enough", async () => {
    await client.room("lobby").send("語".repeat(5461));
    await client.room("lobby").send("\u0001".repeat(4778));
    await client.notify("bob", "x".repeat(16_382));
    await client.notify("bob", { at: new Date(0), left: undefined, many: [null, "😀"], big: -0, n: new Number(5) } as never);
    expect(server.requests.at(-1)).toMatchObject({ notification: { at: "1970-01-01T00:00:00.000Z", many: [null, "😀"], n: 5 } });
  });

  it("sends what the application had when it called, not what it made of it since", async () => {
    const notification = { text: "before" };
    const acked = client.notify("bob", notification);
    notification.text = "after";
    await acked;
    expect(server.requests.at(-1)).toMatchObject({ notification: { text: "before" } });
  });
});

describe("a thousand random inputs", () => {
  const random = randomFrom(14);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const text = (): string => {
    const units = pick([0, 1, 5, 63, 64, 65, 127, 128, 129, 400, 5000, 16_384, 16_385, 40_000]);
    const kinds = [() => 97, () => Math.floor(random() * 32), () => 0x8a9e, () => 0xd800 + Math.floor(random() * 0x800), () => Math.floor(random() * 0x10000)];
    const kind = pick(kinds);
    return Array.from({ length: units }, () => String.fromCharCode(kind())).join("");
  };
  const value = (depth = 0): unknown => {
    const kinds: (() => unknown)[] = [
      text,
      () => pick(["lobby", "ada", "bob", "x"]),
      () => pick([0, 1, -1, 1.5, NaN, Infinity, 2 ** 53, 100, 101]),
      () => pick([null, undefined, true, false]),
      () => pick(Object.values(VALUES))(),
    ];
    if (depth < 4) {
      kinds.push(
        () => Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1)),
        () => Object.fromEntries(Array.from({ length: Math.floor(random() * 4) }, () => [pick(["x", "y", "line", "seq", "epoch", text()]), value(depth + 1)])),
      );
    }
    return pick(kinds)();
  };
  const CALLS = ["sendMessage", "join", "leave", "history", "presence", "notify", "ackNotification", "cursorMove", "request"];
  const FIELDS = ["roomId", "message", "clientId", "since", "epoch", "before", "limit", "userId", "userIds", "notification", "ids", "dropped", "position", "color", "action", "fields"];

  it("leave the client connected, each with an answer or a clear refusal", async () => {
    // The server of the tests knows no action of the application's own, and answers all else.
    for (let i = 0; i < 1000; i++) {
      const args = Object.fromEntries(FIELDS.filter(() => random() < 0.8).map((field) => [field, value()]));
      if (random() < 0.5) args.roomId = "lobby";
      const error = await refusal(pick(CALLS), args);
      if (error !== undefined) expect(error, `call ${i}`).toBeInstanceOf(RoomcastError);
      if (error !== undefined) expect(["bad_field", "bad_frame", "message_too_large", "not_in_room", "unknown_action", "limit_reached"], `call ${i}: ${String(error)}`).toContain((error as RoomcastError).code);
    }
    await client.room("lobby").join();
    await client.room("lobby").send("still here");
    expect(states).toEqual([]);
    expect(server.connections).toBe(1);
    expect(unhandled).toEqual([]);
  }, 60_000);
});
