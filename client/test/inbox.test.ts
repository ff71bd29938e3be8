import { describe, expect, it } from "vitest";

import type { Notification } from "../src/index.js";
import { send } from "./backend.js";
import { useClock } from "./clock.js";
import { collect } from "./harness.js";

const clock = useClock();
const texts = (frames: readonly Notification[]) => frames.map(({ data }) => data);

describe("notifications", () => {
  async function withWaiting(count: number) {
    const bob = await clock.connect({ userId: "bob" });
    for (let i = 0; i < count; i++) void bob.notify("ada", `n${i}`);
    await clock.pass(10);
    return bob;
  }

  it("that waited are delivered in order, then those that arrive meanwhile, each once", async () => {
    const { server } = clock;
    const bob = await withWaiting(25);
    server.pageSize = 10;
    const client = await clock.connect();
    server.intercept = (request) => {
      if (request.action === "inbox" && server.of("inbox").length === 2) void bob.notify("ada", "meanwhile");
      return false;
    };
    const received = collect(client, "notification");
    await clock.pass(20);
    expect(texts(received)).toEqual([...Array.from({ length: 25 }, (_, i) => `n${i}`), "meanwhile"]);
    expect(server.of("inbox")).toMatchObject([{}, { since: received[9]!.id }, { since: received[19]!.id }]);
  });

  it("are not delivered again on a later connection, however many wait", async () => {
    const { server } = clock;
    await clock.connect({ userId: "bob" });
    for (let i = 0; i < 1500; i++) server.inbox.push({ to: "ada", id: `n${10_000 + i}`, from: "bob", notification: i, timestamp: 1 });
    const client = await clock.connect();
    const received = collect(client, "notification");
    await clock.pass(500);
    expect(received).toHaveLength(1500);
    server.drop();
    await clock.pass(5000);
    expect(server.of("inbox")).toHaveLength(60);
    expect(received).toHaveLength(1500);
  });

  it("are not requested without a listener, and not lost", async () => {
    const { server } = clock;
    const bob = await withWaiting(1);
    const client = await clock.connect();
    void bob.notify("ada", "unheard");
    await clock.pass(10);
    expect(server.of("inbox")).toEqual([]);
    const received = collect(client, "notification");
    await clock.pass(10);
    expect(texts(received)).toEqual(["n0", "unheard"]);
  });

  it("leave the inbox when they are acknowledged, also twice", async () => {
    const { server } = clock;
    await withWaiting(2);
    const client = await clock.connect();
    const received = collect(client, "notification");
    await clock.pass(10);
    const ids = received.map(({ id }) => id);
    const acknowledged = Promise.all([client.acknowledge(ids[0]!), client.acknowledge(ids)]);
    await clock.pass(10);
    await acknowledged;
    expect(server.inbox).toEqual([]);
    server.drop();
    await clock.pass(5000);
    expect(received).toHaveLength(2);
  });

  it("are acknowledged a hundred at a time", async () => {
    const { server } = clock;
    const client = await clock.connect();
    const done = client.acknowledge(Array.from({ length: 250 }, (_, i) => `n${i}`));
    await clock.pass(20);
    await done;
    expect(server.of("ackNotification").map(({ ids }) => (ids as string[]).length)).toEqual([100, 100, 50]);
  });

  it("that were dropped are reported once, and acknowledged", async () => {
    const { server } = clock;
    server.dropped = 3;
    const client = await clock.connect();
    const dropped = collect(client, "dropped");
    collect(client, "notification");
    await clock.pass(10);
    server.drop();
    await clock.pass(5000);
    expect(dropped).toEqual([3]);
    expect(server.of("ackNotification")).toMatchObject([{ ids: [], droppedUpTo: 3 }]);
    server.dropped = 5;
    server.drop();
    await clock.pass(5000);
    expect(dropped).toEqual([3, 2]);
  });

  it("are delivered while the inbox cannot be read, and it is read later", async () => {
    const { server } = clock;
    const bob = await withWaiting(1);
    let busy = true;
    server.intercept = (request, peer) => {
      if (request.action !== "inbox" || !busy) return false;
      send(peer, { type: "error", code: "unavailable", message: "busy", clientId: request.clientId });
      return true;
    };
    const client = await clock.connect();
    const errors = collect(client, "error");
    const received = collect(client, "notification");
    void bob.notify("ada", "live");
    await clock.pass(10_100);
    expect(texts(received)).toEqual(["live"]);
    expect(errors).toMatchObject([{ code: "unavailable" }]);
    busy = false;
    await clock.pass(20_100);
    expect(texts(received)).toEqual(["live", "n0"]);
  });

  it("stop once a listener has closed the client", async () => {
    await withWaiting(3);
    const client = await clock.connect();
    const received = collect(client, "notification");
    client.on("notification", () => client.close());
    await clock.pass(10);
    expect(texts(received)).toEqual(["n0"]);
  });

  it("are sent under the caller's name", async () => {
    const { server } = clock;
    const client = await clock.connect();
    void client.notify("bob", "hi", { idempotencyKey: "n" });
    await clock.pass(5);
    void client.notify("bob", "hi", { idempotencyKey: "n" });
    await clock.pass(5);
    expect(server.inbox).toHaveLength(1);
  });
});
