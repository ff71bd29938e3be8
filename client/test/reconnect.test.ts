import { describe, expect, it, vi } from "vitest";

import { send } from "./backend.js";
import { collect, connect, enters, reaches, startServer } from "./harness.js";

describe("a lost connection", () => {
  it("reconnects, and joins its rooms again from its positions", async () => {
    const server = await startServer();
    const client = connect(server);
    const states = collect(client, "state");
    const joined = collect(client, "joined");
    const bob = connect(server, { userId: "bob" });
    await bob.room("lobby").join();
    const { id: epoch } = await bob.room("lobby").send("one");
    await client.room("lobby").join();
    await client.room("office").join();
    await client.room("office").leave();
    await client.room("lobby").send("two");
    bob.close();

    const lost = enters(client, "reconnecting");
    server.drop();
    await lost;
    await reaches(client, "open");

    expect(states).toEqual(["open", "reconnecting", "open"]);
    expect(server.of("join").at(-1)).toMatchObject({ roomId: "lobby", since: 2, epoch });
    expect(joined.at(-1)).toMatchObject({ roomId: "lobby", recovered: true });
    expect(server.of("join")).toHaveLength(4);
    expect((await client.room("lobby").send("three")).seq).toBe(3);
  });

  it("misses nothing in a room whose first message it saw", async () => {
    const server = await startServer();
    const client = connect(server);
    const joined = collect(client, "joined");
    await client.room("lobby").join();
    await client.room("lobby").send("one");

    const lost = enters(client, "reconnecting");
    server.drop();
    await lost;
    await reaches(client, "open");

    expect(joined).toMatchObject([{ position: { seq: 0, epoch: "" } }, { position: { seq: 1 }, recovered: true }]);
  });

  it("delivers what was missed, in order", async () => {
    const server = await startServer();
    const client = connect(server);
    const messages = collect(client, "message");
    await client.room("lobby").join();
    server.say("lobby", "one");
    server.lose = (message) => message.seq === 2;
    server.say("lobby", "two");
    server.say("lobby", "three");
    await client.checkConnection();
    expect(messages).toMatchObject([{ seq: 1 }]);

    const lost = enters(client, "reconnecting");
    server.drop();
    await lost;
    await reaches(client, "open");

    expect(server.of("join").at(-1)).toMatchObject({ since: 1, epoch: server.log("lobby").epoch });
    expect(messages).toMatchObject([{ seq: 1 }, { text: "two" }, { text: "three" }]);
  });

  it("lets a room be left that is joined again while another is not yet", async () => {
    const server = await startServer();
    const client = connect(server);
    await client.room("lobby").join();
    await client.room("office").join();
    let joinLobby = () => {};
    server.intercept = (request, peer) => {
      if (request.action !== "join" || request.roomId !== "lobby") return false;
      joinLobby = () => send(peer, { type: "joined", roomId: "lobby", seq: 0, epoch: "", recovered: true, messages: [], clientId: request.clientId });
      return true;
    };
    const joined = collect(client, "joined");
    server.drop();
    await vi.waitFor(() => expect(joined).toMatchObject([{ roomId: "office" }]));

    await client.room("office").leave();

    expect(server.of("leave")).toMatchObject([{ roomId: "office" }]);
    expect(client.state).toBe("reconnecting");
    joinLobby();
    await reaches(client, "open");
    await expect(client.room("office").presence()).rejects.toMatchObject({ code: "not_in_room" });
  });

  it("sends a message again with its key, so that it is stored once", async () => {
    const server = await startServer();
    const client = connect(server);
    const messages = collect(client, "message");
    await client.room("lobby").join();
    server.intercept = (request) => request.action === "sendMessage" && server.connections === 1;
    const pending = client.room("lobby").send("lost?", { idempotencyKey: "mine" });
    await vi.waitFor(() => expect(server.of("sendMessage")).toHaveLength(1));
    server.drop();

    expect(await pending).toMatchObject({ seq: 1 });

    expect(server.of("sendMessage")).toMatchObject([{ clientId: "mine" }, { clientId: "mine" }]);
    await vi.waitFor(() => expect(messages).toHaveLength(1));
    expect(server.log("lobby").head).toBe(1);
  });

  it("keeps a request that is made meanwhile until its room is joined again", async () => {
    const server = await startServer();
    const client = connect(server);
    await client.room("lobby").join();
    const lost = enters(client, "reconnecting");
    server.drop();
    await lost;

    const ack = await client.room("lobby").send("kept");

    expect(ack.seq).toBe(1);
    expect(server.requests.map((request) => request.action)).toEqual(["join", "join", "sendMessage"]);
  });

  it("is tried again after a server was away", async () => {
    const first = await startServer();
    const client = connect(first);
    await client.room("lobby").join();
    const lost = enters(client, "reconnecting");
    await first.stop();
    await lost;

    const second = await startServer(first.port);
    await reaches(client, "open");

    expect(second.of("join")).toHaveLength(1);
  });

  it("is not open again before a room can be joined on it", async () => {
    const server = await startServer();
    const client = connect(server);
    await client.room("lobby").join();
    let refusals = 2;
    server.intercept = (request, peer) => {
      if (request.action !== "join" || refusals-- <= 0) return false;
      send(peer, { type: "error", code: "unavailable", message: "busy", clientId: request.clientId });
      return true;
    };

    const lost = enters(client, "reconnecting");
    server.drop();
    await lost;
    await reaches(client, "open");

    expect(server.connections).toBe(2);
    expect(server.of("join")).toHaveLength(4);
    expect(await client.room("lobby").presence()).toMatchObject({ users: ["ada"] });
  });

  it("is noticed by a ping without a pong", async () => {
    const server = await startServer();
    const client = connect(server, { pingInterval: 1000, requestTimeout: 150 });
    await reaches(client, "open");
    server.intercept = (request) => request.action === "ping" && server.connections === 1;
    await enters(client, "reconnecting");
    await enters(client, "open");
    expect(server.connections).toBe(2);
  });
});

describe("a connection that the server does not know any more", () => {
  const forgotten = { type: "error", code: "not_connected", message: "connect again" };

  it("is replaced by one in the same rooms", async () => {
    const server = await startServer();
    const client = connect(server);
    await client.room("lobby").join();
    server.intercept = (request, peer) => {
      if (server.connections > 1) return false;
      send(peer, { ...forgotten, clientId: request.clientId });
      return true;
    };

    expect((await client.room("lobby").send("hello")).seq).toBe(1);
    expect(server.connections).toBe(2);
    expect(server.peers.size).toBe(1);
  });

  it("is replaced when a cursor finds it out", async () => {
    const server = await startServer();
    const client = connect(server);
    await client.room("lobby").join();
    const lost = enters(client, "reconnecting");
    server.broadcast(forgotten);
    await lost;
    await reaches(client, "open");
    expect(server.of("join")).toHaveLength(2);
  });

  it("still joins a room whose join it refused", async () => {
    const server = await startServer();
    const client = connect(server);
    await reaches(client, "open");
    server.intercept = (request, peer) => {
      if (server.connections > 1) return false;
      send(peer, { ...forgotten, clientId: request.clientId });
      return true;
    };
    await client.room("lobby").join();
    expect(await client.room("lobby").presence()).toMatchObject({ users: ["ada"] });
  });

  it("is not replaced by a client that a listener has closed", async () => {
    const server = await startServer();
    const client = connect(server);
    await reaches(client, "open");
    client.on("error", () => client.close());
    server.broadcast(forgotten);
    await vi.waitFor(() => expect(server.peers.size).toBe(0));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(server.connections).toBe(1);
  });
});

describe("waiting requests", () => {
  it("are bounded in number", async () => {
    const server = await startServer();
    const client = connect(server, { url: "ws://127.0.0.1:1/prod", maxQueued: 2 });
    const settled = Promise.allSettled([client.checkConnection(), client.checkConnection()]);
    await expect(client.checkConnection()).rejects.toMatchObject({ code: "queue_full" });
    client.close();
    expect(await settled).toMatchObject([{ reason: { code: "closed" } }, { reason: { code: "closed" } }]);
  });

  it("are bounded in time", async () => {
    const server = await startServer();
    const client = connect(server, { url: "ws://127.0.0.1:1/prod", requestTimeout: 20 });
    await expect(client.checkConnection()).rejects.toMatchObject({ code: "timeout" });
  });

  it("leave the room to be joined", async () => {
    const server = await startServer();
    await server.stop();
    const client = connect(server, { requestTimeout: 150 });
    await expect(client.room("lobby").join()).rejects.toMatchObject({ code: "timeout" });

    const later = await startServer(server.port);
    await reaches(client, "open");

    expect(later.of("join")).toHaveLength(1);
  });
});
