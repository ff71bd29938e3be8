import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";

import { RoomcastClient } from "../src/index.js";
import { Backend, type Peer } from "./backend.js";
import { collect } from "./harness.js";

const cleanups: (() => unknown)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

/** A server that closes with 1009 on a frame of more than so many bytes, which are fewer than API Gateway's. */
async function strictServer(maxPayload: number): Promise<{ backend: Backend; url: string; sizes: number[] }> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, maxPayload });
  await once(server, "listening");
  const backend = new Backend();
  const sizes: number[] = [];
  server.on("connection", (socket) => {
    const peer: Peer = {
      userId: "ada",
      rooms: new Set(),
      url: "/",
      protocols: [],
      write: (text) => socket.send(text),
      cut: () => socket.terminate(),
    };
    backend.connect(peer);
    // What ws says when it closes with 1009.
    socket.on("error", () => undefined);
    socket.on("close", () => backend.peers.delete(peer));
    socket.on("message", (data) => {
      sizes.push(String(data).length);
      backend.receive(String(data), peer);
    });
  });
  cleanups.push(() => server.close());
  return { backend, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/prod`, sizes };
}

describe("a frame over which the server closes the connection", () => {
  it("is not sent again, unlike other pending requests", async () => {
    const { backend, url } = await strictServer(4000);
    const client = new RoomcastClient({ url, userId: "ada", WebSocket, retryBase: 10, retryMax: 20 });
    cleanups.push(() => client.close());
    const lost = collect(client, "error");
    await Promise.all([client.room("lobby").join(), client.room("tea").join()]);

    // More bytes than the other one, in fewer characters.
    const big = client.room("lobby").send("語".repeat(1800));
    const next = client.room("lobby").send("after it");
    const other = client.room("tea").send("beside it ".repeat(300));

    await expect(big).rejects.toMatchObject({ code: "message_too_large", reaction: "show", message: expect.stringContaining("(sendMessage)") as string });
    expect((await next).seq).toBe(1);
    expect((await other).seq).toBe(1);
    expect(backend.connections).toBe(2);
    expect(lost).toMatchObject([{ code: "connection_lost" }]);
    expect(backend.log("lobby").messages.map(({ message }) => message)).toEqual(["after it"]);
  });

  it("fails every request that is too large, one connection each, and no other", async () => {
    const { backend, url } = await strictServer(4000);
    const client = new RoomcastClient({ url, userId: "ada", WebSocket, retryBase: 10, retryMax: 20 });
    cleanups.push(() => client.close());
    const rooms = ["a", "b", "c", "d"];
    await Promise.all(rooms.map((room) => client.room(room).join()));
    const sent = [...rooms.map((room, i) => client.room(room).send("x".repeat(i * 2500 + 10))), client.notify("bob", "y".repeat(8000))];
    const outcomes = await Promise.allSettled(sent);
    expect(outcomes.map((outcome) => (outcome.status === "fulfilled" ? "ok" : (outcome.reason as { code: string }).code))).toEqual([
      "ok", "ok", "message_too_large", "message_too_large", "message_too_large",
    ]);
    expect(backend.connections).toBeLessThanOrEqual(4);
  });
});
