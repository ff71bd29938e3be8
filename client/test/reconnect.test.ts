import { describe, expect, it, vi } from "vitest";

import { send } from "./fakeServer.js";
import { collect, connect, enters, reaches, startServer } from "./harness.js";

describe("a lost connection", () => {
  it("comes back, joins its rooms again and says what it last saw", async () => {
    const server = await startServer();
    const client = connect(server);
    const states = collect(client, "state");
    const joined = collect(client, "joined");
    const bob = connect(server, { userId: "bob" });
    await bob.join("lobby");
    await bob.sendMessage("lobby", "one");
    await client.join("lobby");
    await client.join("office");
    await client.leave("office");
    await client.sendMessage("lobby", "two");
    bob.close();

    const lost = enters(client, "reconnecting");
    server.drop();
    await lost;
    await reaches(client, "open");

    expect(states).toEqual(["open", "reconnecting", "open"]);
    expect(server.of("join").at(-1)).toMatchObject({ roomId: "lobby", since: 2, epoch: "epoch1" });
    expect(joined.at(-1)).toMatchObject({ roomId: "lobby", recovered: true });
    expect(server.of("join")).toHaveLength(4);
    expect((await client.sendMessage("lobby", "three")).seq).toBe(3);
  });

  it("rejects what was sent and has no reply", async () => {
    const server = await startServer();
    const client = connect(server);
    await client.join("lobby");
    server.intercept = (request) => request.action === "sendMessage";
    const pending = client.sendMessage("lobby", "lost?");
    await vi.waitFor(() => expect(server.of("sendMessage")).toHaveLength(1));

    server.drop();

    await expect(pending).rejects.toMatchObject({ code: "connection_lost", action: "retry" });
  });

  it("keeps a request that is made meanwhile until its room is joined again", async () => {
    const server = await startServer();
    const client = connect(server);
    await client.join("lobby");
    const lost = enters(client, "reconnecting");
    server.drop();
    await lost;

    const ack = await client.sendMessage("lobby", "kept");

    expect(ack.seq).toBe(1);
    expect(server.requests.map((request) => request.action)).toEqual(["join", "join", "sendMessage"]);
  });

  it("is tried again after a server was away", async () => {
    const first = await startServer();
    const client = connect(first);
    await client.join("lobby");
    const lost = enters(client, "reconnecting");
    await first.stop();
    await lost;

    const second = await startServer(first.port);
    await reaches(client, "open");

    expect(second.of("join")).toHaveLength(1);
  });

  it("is replaced when a room cannot be joined on it", async () => {
    const server = await startServer();
    const client = connect(server);
    await client.join("lobby");
    let refusals = 2;
    server.intercept = (request, peer) => {
      if (request.action !== "join" || refusals-- <= 0) return false;
      send(peer, { type: "error", code: "unavailable", message: "busy", clientId: request.clientId });
      return true;
    };
    const errors = collect(client, "error");

    const lost = enters(client, "reconnecting");
    server.drop();
    await lost;
    await reaches(client, "open");

    expect(server.connections).toBe(4);
    expect(errors).toMatchObject([{ code: "unavailable" }, { code: "unavailable" }]);
  });

  it("is noticed by a ping without a pong", async () => {
    const server = await startServer();
    const client = connect(server, { pingInterval: 20, requestTimeout: 150 });
    await reaches(client, "open");
    server.intercept = (request) => request.action === "ping" && server.connections === 1;
    await enters(client, "reconnecting");
    await enters(client, "open");
    expect(server.connections).toBe(2);
  });
});

describe("waiting requests", () => {
  it("are bounded in number", async () => {
    const server = await startServer();
    const client = connect(server, { url: "ws://127.0.0.1:1/prod", maxQueued: 2 });
    const settled = Promise.allSettled([client.ping(), client.ping()]);
    await expect(client.ping()).rejects.toMatchObject({ code: "queue_full" });
    client.close();
    expect(await settled).toMatchObject([{ reason: { code: "closed" } }, { reason: { code: "closed" } }]);
  });

  it("are bounded in time", async () => {
    const server = await startServer();
    const client = connect(server, { url: "ws://127.0.0.1:1/prod", requestTimeout: 20 });
    await expect(client.ping()).rejects.toMatchObject({ code: "timeout" });
  });

  it("leave a wish to join behind", async () => {
    const server = await startServer();
    await server.stop();
    const client = connect(server, { requestTimeout: 150 });
    await expect(client.join("lobby")).rejects.toMatchObject({ code: "timeout" });

    const later = await startServer(server.port);
    await reaches(client, "open");

    expect(later.of("join")).toHaveLength(1);
  });
});
