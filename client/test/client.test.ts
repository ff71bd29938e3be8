import { describe, expect, it, vi } from "vitest";

import { RoomcastError } from "../src/index.js";
import { send } from "./backend.js";
import { collect, connect, enters, reaches, startServer } from "./harness.js";

describe("requests", () => {
  it("resolves a message with its receipt, and delivers it to everyone in the room", async () => {
    const server = await startServer();
    const ada = connect(server);
    const bob = connect(server, { userId: "bob" });
    const seen = collect(bob, "message");
    const own = collect(ada, "message");
    await Promise.all([ada.room("lobby").join(), bob.room("lobby").join()]);

    const ack = await ada.room("lobby").send("hello");

    expect(ack).toMatchObject({ roomId: "lobby", seq: 1 });
    await vi.waitFor(() => expect(seen).toMatchObject([{ userId: "ada", text: "hello", seq: 1, id: ack.id }]));
    expect(own).toHaveLength(1);
  });

  it("matches each reply to its request", async () => {
    const server = await startServer();
    const client = connect(server);
    const rooms = ["a", "b", "c"];
    await Promise.all(rooms.map((room) => client.room(room).join()));
    const held: (() => void)[] = [];
    server.intercept = (request, peer) => {
      held.unshift(() => send(peer, { type: "presence", clientId: request.clientId, roomId: request.roomId, count: 0, users: [] }));
      if (held.length === 3) for (const reply of held) reply();
      return true;
    };

    const replies = await Promise.all(rooms.map((room) => client.room(room).presence()));

    expect(replies.map((reply) => reply.roomId)).toEqual(rooms);
  });

  it("notifies one user or several, and counts their connections", async () => {
    const server = await startServer();
    const ada = connect(server);
    const bob = connect(server, { userId: "bob" });
    const got = collect(bob, "notification");
    await Promise.all([reaches(ada, "open"), reaches(bob, "open")]);

    expect((await ada.notify("bob", { text: "hi" })).delivered).toBe(1);
    expect((await ada.notify(["bob", "ada", "carol"], "all")).delivered).toBe(2);

    await vi.waitFor(() => expect(got).toMatchObject([{ userId: "ada", data: { text: "hi" } }, { data: "all" }]));
  });

  it("returns who is in a room, leaves it, and checks the connection", async () => {
    const server = await startServer();
    const client = connect(server);
    await client.room("lobby").join();
    expect(await client.room("lobby").presence()).toMatchObject({ count: 1, users: ["ada"] });
    await client.checkConnection();
    expect(server.of("ping")).toHaveLength(1);

    await client.room("lobby").leave();

    await expect(client.room("lobby").presence()).rejects.toMatchObject({ code: "not_in_room" });
  });

  it("waits for the join before it leaves", async () => {
    const server = await startServer();
    const client = connect(server);
    await reaches(client, "open");
    const joined = client.room("lobby").join();
    await Promise.resolve();
    await client.room("lobby").leave();
    await joined;
    expect(server.requests.map((request) => request.action)).toEqual(["join", "leave"]);
  });

  it("does not join a room that is left before it could be asked for", async () => {
    const server = await startServer();
    const client = connect(server);
    const joined = expect(client.room("lobby").join()).rejects.toMatchObject({ code: "left" });
    await client.room("lobby").leave();
    await joined;
    await client.checkConnection();
    expect(server.of("join")).toEqual([]);
  });

  it("stays in a room that is left and joined again at once", async () => {
    const server = await startServer();
    const client = connect(server);
    const first = expect(client.room("lobby").join()).rejects.toMatchObject({ code: "left" });
    const left = client.room("lobby").leave();
    await client.room("lobby").join();
    await Promise.all([first, left]);
    expect(server.requests.map((request) => request.action)).toEqual(["join"]);
  });

  it("waits for the reply to a leave before it joins the room again", async () => {
    const server = await startServer();
    const client = connect(server);
    await client.room("lobby").join();
    let finishLeave = () => {};
    server.intercept = (request, peer) => {
      if (request.action !== "leave") return false;
      finishLeave = () => {
        peer.rooms.delete("lobby");
        send(peer, { type: "left", roomId: "lobby", clientId: request.clientId });
      };
      return true;
    };

    const left = client.room("lobby").leave();
    await vi.waitFor(() => expect(server.of("leave")).toHaveLength(1));
    const joined = client.room("lobby").join();
    await client.checkConnection();
    expect(server.of("join")).toHaveLength(1);
    finishLeave();
    await Promise.all([left, joined]);

    expect(await client.room("lobby").presence()).toMatchObject({ users: ["ada"] });
  });
});

describe("a duplicate frame", () => {
  it("is reported once", async () => {
    const server = await startServer();
    const client = connect(server);
    const messages = collect(client, "message");
    const notifications = collect(client, "notification");
    await client.room("lobby").join();
    const message = { type: "message", roomId: "lobby", seq: 1, id: "same", userId: "bob", message: "hi", timestamp: 1 };
    const notification = { type: "notification", id: "same", notification: "hi", timestamp: 1 };

    for (const frame of [message, message, notification, notification]) server.broadcast(frame);
    await vi.waitFor(() => expect(notifications).toHaveLength(1));
    await client.checkConnection();

    expect(messages).toHaveLength(1);
    expect(notifications).toHaveLength(1);
  });
});

describe("errors", () => {
  it("rejects with the server's code, its reaction and the time to wait, once retries have failed", async () => {
    const server = await startServer();
    const client = connect(server, { requestTimeout: 400 });
    await reaches(client, "open");
    server.intercept = (request, peer) => {
      send(peer, { type: "error", code: "unavailable", message: "busy", clientId: request.clientId, retryAfterMs: 250 });
      return true;
    };

    const error = await client.notify("bob", 1).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(RoomcastError);
    expect(error).toMatchObject({ code: "unavailable", reaction: "retry", message: "busy", retryAfterMs: 250 });
    expect(server.of("notify")).toHaveLength(2);
  });

  it("emits errors without a clientId, and API Gateway's own frames", async () => {
    const server = await startServer();
    const client = connect(server);
    const errors = collect(client, "error");
    await reaches(client, "open");

    server.broadcast({ type: "error", code: "not_in_room", message: "join first" });
    server.broadcast({ message: "Internal server error", connectionId: "c=", requestId: "r=" });
    server.broadcast("not JSON");
    server.broadcast({ type: "of tomorrow" });

    await vi.waitFor(() => expect(errors).toMatchObject([{ code: "not_in_room" }, { code: "unavailable" }]));
  });

  it("rejects a request that gets no reply", async () => {
    const server = await startServer();
    const client = connect(server, { requestTimeout: 30 });
    await reaches(client, "open");
    server.intercept = () => true;
    await expect(client.checkConnection()).rejects.toMatchObject({ code: "timeout", reaction: "retry" });
  });

  it("gives up a room that the server refuses", async () => {
    const server = await startServer();
    const client = connect(server);
    server.intercept = (request, peer) => {
      if (request.action !== "join") return false;
      send(peer, { type: "error", code: "bad_field", message: "roomId: not here", clientId: request.clientId });
      return true;
    };
    await expect(client.room("unwanted").join()).rejects.toMatchObject({ code: "bad_field", reaction: "stop" });
    await reaches(client, "open");

    server.drop();
    await vi.waitFor(() => expect(server.connections).toBe(2));
    await reaches(client, "open");

    expect(server.of("join")).toHaveLength(1);
  });

  it("rejects everything once it is closed, and does not reconnect", async () => {
    const server = await startServer();
    const client = connect(server);
    await reaches(client, "open");
    server.intercept = () => true;
    const pending = client.checkConnection();

    client.close();

    await expect(pending).rejects.toMatchObject({ code: "closed" });
    await expect(client.checkConnection()).rejects.toMatchObject({ code: "closed" });
    await vi.waitFor(() => expect(server.peers.size).toBe(0));
    expect(client.state).toBe("closed");
    expect(server.connections).toBe(1);
  });
});

describe("listeners", () => {
  it("are called until they unsubscribe", async () => {
    const server = await startServer();
    const client = connect(server);
    const calls: string[] = [];
    const off = client.on("state", (state) => calls.push(state));
    await reaches(client, "open");
    off();
    client.close();
    expect(calls).toEqual(["open"]);
  });
});

describe("the URL", () => {
  it("is called for every attempt, and the user is added to its URL", async () => {
    const server = await startServer();
    let n = 0;
    const client = connect(server, { url: async () => `${server.url}?token=${++n}`, userId: "a b&c" });
    const urls: string[] = [];
    for (let i = 0; i < 2; i++) {
      await reaches(client, "open");
      for (const peer of server.peers) urls.push(peer.url);
      const lost = enters(client, "reconnecting");
      server.drop();
      await lost;
    }
    expect(urls).toEqual(["/prod?token=1&userId=a+b%26c", "/prod?token=2&userId=a+b%26c"]);
  });

  it("may fail for a while", async () => {
    const server = await startServer();
    let attempts = 0;
    const client = connect(server, {
      url: () => {
        if (++attempts < 3) throw new Error("the token service is down");
        return server.url;
      },
    });
    await reaches(client, "open");
    expect(attempts).toBe(3);
  });
});
