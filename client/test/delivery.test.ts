import { describe, expect, it, vi } from "vitest";

import { send } from "./backend.js";
import { seqs, useClock } from "./clock.js";
import { collect } from "./harness.js";

const clock = useClock();

describe("a message that is missing between others", () => {
  it("is requested after a while, by a join from the client's position", async () => {
    const { server } = clock;
    const { client, messages } = await clock.inLobby();
    const joined = collect(client, "joined");
    server.lose = ({ seq }) => seq === 2;
    for (const text of ["one", "two", "three"]) server.say("lobby", text);
    await clock.pass(290);
    expect(seqs(messages)).toEqual([1]);

    await clock.pass(20);

    expect(seqs(messages)).toEqual([1, 2, 3]);
    expect(server.of("join")).toHaveLength(2);
    expect(server.of("join")[1]).toMatchObject({ since: 1, epoch: messages[0]!.id });
    // It was made whole: nothing that the application has to know.
    expect(joined).toEqual([]);
  });

  it("is not requested if it arrives in time", async () => {
    const { server } = clock;
    const { messages } = await clock.inLobby();
    server.lose = ({ seq }) => seq === 1;
    const late = server.say("lobby", "one");
    server.say("lobby", "two");
    server.lose = () => false;
    await clock.pass(200);
    server.deliver(late);
    await clock.pass(1000);
    expect(seqs(messages)).toEqual([1, 2]);
    expect(server.of("join")).toHaveLength(1);
  });

  it("is skipped if it never existed", async () => {
    const { server } = clock;
    const { messages } = await clock.inLobby();
    server.say("lobby", "one");
    server.skip("lobby");
    server.say("lobby", "three");
    await clock.pass(310);
    expect(seqs(messages)).toEqual([1, 3]);
    await clock.pass(60_000);
    expect(server.of("join")).toHaveLength(2);
  });

  it("is requested until there is an answer, with growing waits", async () => {
    const { server } = clock;
    const { messages } = await clock.inLobby();
    server.lose = ({ seq }) => seq === 1;
    for (const text of ["one", "two"]) server.say("lobby", text);
    let refusals = 3;
    server.intercept = (request, peer) => {
      if (request.action !== "join" || refusals-- <= 0) return false;
      send(peer, { type: "error", code: "unavailable", message: "busy", clientId: request.clientId });
      return true;
    };
    await clock.pass(10_000);
    expect(seqs(messages)).toEqual([1, 2]);
    expect(server.of("join")).toHaveLength(5);
  });
});

describe("what was missed while there was no connection", () => {
  it("arrives in pages, followed by what was sent meanwhile", async () => {
    const { server } = clock;
    const { client, messages } = await clock.inLobby();
    server.pageSize = 10;
    server.up = false;
    server.drop();
    for (let i = 1; i <= 35; i++) server.say("lobby", `${i}`);
    server.up = true;
    server.intercept = (request) => {
      if (request.action === "history" && server.of("history").length === 2) server.say("lobby", "36");
      return false;
    };
    await clock.pass(5000);
    expect(seqs(messages)).toEqual(Array.from({ length: 36 }, (_, i) => i + 1));
    expect(server.of("history")).toMatchObject([{ since: 10 }, { since: 20 }, { since: 30 }]);
    expect(client.room("lobby").position).toEqual({ seq: 36, epoch: messages[0]!.id });
  });

  it("is reported when the server no longer keeps it, and the newest messages follow", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    const events: unknown[] = [];
    client.on("joined", ({ recovered, position }) => events.push({ recovered, seq: position.seq }));
    client.on("message", ({ seq }) => events.push(seq));
    server.say("lobby", "1");
    await clock.pass(5);
    server.pageSize = 2;
    server.drop();
    for (let i = 2; i <= 9; i++) server.say("lobby", `${i}`);
    server.keptFrom.set("lobby", 5);
    await clock.pass(5000);
    expect(events).toEqual([1, { recovered: false, seq: 7 }, 8, 9]);
  });

  it("is reported when the room's log has restarted", async () => {
    const { server } = clock;
    const { client, messages } = await clock.inLobby();
    const joined = collect(client, "joined");
    for (const text of ["one", "two"]) server.say("lobby", text);
    await clock.pass(5);
    server.drop();
    server.restart("lobby");
    const first = server.say("lobby", "a new one");
    await clock.pass(5000);
    server.say("lobby", "and another");
    await clock.pass(5);
    expect(joined).toMatchObject([{ recovered: false, position: { seq: 1, epoch: first.id } }]);
    expect(messages.map(({ text }) => text)).toEqual(["one", "two", "and another"]);
  });
});

describe("a position that the application stored", () => {
  it("is where another client goes on", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby();
    let stored: string | undefined;
    client.on("message", () => (stored ??= JSON.stringify(client.room("lobby").position)));
    for (const text of ["one", "two"]) server.say("lobby", text);
    await clock.pass(5);
    client.close();
    server.say("lobby", "three");

    const next = await clock.connect();
    const messages = collect(next, "message");
    const joined = next.room("lobby").join({ since: JSON.parse(stored!) as { seq: number; epoch: string } });
    await clock.pass(5);

    // From there on.
    expect(await joined).toMatchObject({ recovered: true, position: { seq: 1 } });
    expect(seqs(messages)).toEqual([2, 3]);
  });

  it("is right behind each message, also in the middle of a reply", async () => {
    const { server } = clock;
    for (const text of ["one", "two", "three"]) server.say("lobby", text);
    const client = await clock.connect();
    const positions: unknown[] = [];
    client.on("message", ({ seq }) => positions.push([seq, client.room("lobby").position?.seq]));
    void client.room("lobby").join({ since: { seq: 0, epoch: "" } });
    await clock.pass(5);
    expect(positions).toEqual([[1, 1], [2, 2], [3, 3]]);
  });

  it("that the server does not know makes the application fetch again", async () => {
    const { server } = clock;
    server.say("lobby", "one");
    const client = await clock.connect();
    const joined = client.room("lobby").join({ since: { seq: 7, epoch: "of old" } });
    await clock.pass(10);
    expect(await joined).toMatchObject({ recovered: false, position: { seq: 1 } });
    const page = client.room("lobby").history({ limit: 1 });
    await clock.pass(5);
    expect(await page).toMatchObject({ messages: [{ text: "one" }] });
  });
});

describe("a heartbeat", () => {
  it("announces its interval and finds the last message of a quiet room", async () => {
    const { server } = clock;
    const { messages } = await clock.inLobby();
    server.lose = () => true;
    server.say("lobby", "the last word");
    await clock.pass(5 * 60_000);
    expect(server.of("join")[0]).toMatchObject({ heartbeat: 300 });
    expect(server.of("ping")).toMatchObject([{ rooms: [{ roomId: "lobby", seq: 0 }], heartbeat: 300 }]);
    await clock.pass(310);
    expect(seqs(messages)).toEqual([1]);
  });

  it("finds a room that the server does not count the connection in", async () => {
    const { server } = clock;
    const { messages } = await clock.inLobby({ pingInterval: 1000 });
    for (const peer of server.peers) peer.rooms.clear();
    server.say("lobby", "to nobody");
    await clock.pass(1010);
    expect(server.of("join")[1]).toMatchObject({ since: 0 });
    expect(seqs(messages)).toEqual([1]);
    expect(server.connections).toBe(1);
  });

  it("finds that a room's log has restarted", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby({ pingInterval: 1000 });
    for (const text of ["one", "two"]) server.say("lobby", text);
    await clock.pass(5);
    const joined = collect(client, "joined");
    server.restart("lobby");
    server.say("lobby", "new");
    await clock.pass(1010);
    expect(joined).toMatchObject([{ recovered: false, position: { seq: 1 } }]);
  });

  it("names a hundred rooms at a time", async () => {
    const { server } = clock;
    const client = await clock.connect({ pingInterval: 1000 });
    for (let i = 0; i < 150; i++) void client.room(`room${i}`).join();
    await clock.pass(1010);
    expect(server.of("ping").map(({ rooms }) => (rooms as unknown[]).length)).toEqual([100, 50]);
  });

  it("replaces a connection on which nothing arrives", async () => {
    const { server } = clock;
    vi.spyOn(Math, "random").mockReturnValue(1);
    const { client } = await clock.inLobby();
    server.reachable = false;
    await clock.pass(5 * 60_000 + 9000);
    expect(client.state).toBe("open");
    server.reachable = true;
    await clock.pass(2000);
    expect(client.state).toBe("open");
    expect(server.connections).toBe(2);
  });
});
