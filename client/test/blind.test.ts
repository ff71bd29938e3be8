import { describe, expect, it } from "vitest";

import type { RoomcastOptions } from "../src/index.js";
import { send, type Message, type Peer } from "./backend.js";
import { seqs, useClock } from "./clock.js";
import { collect } from "./harness.js";

const clock = useClock();

/** A client that is in the lobby up to message 5, and may not read its history. */
async function blind(options: Partial<RoomcastOptions> = {}) {
  clock.server.blind = true;
  const { client, messages } = await clock.inLobby(options);
  for (let i = 1; i <= 5; i++) clock.server.say("lobby", `${i}`);
  await clock.pass(5);
  expect(seqs(messages)).toEqual([1, 2, 3, 4, 5]);
  return { client, messages };
}

/** Keeps messages back until the returned function is called. */
function withhold(...late: number[]): () => void {
  const { server } = clock;
  const held: [Peer, Message][] = [];
  server.lose = (message, peer) => late.includes(message.seq) && held.push([peer, message]) > 0;
  return () => {
    server.lose = () => false;
    for (const [peer, message] of held) send(peer, message);
  };
}

function say(count: number): void {
  for (let i = 0; i < count; i++) clock.server.say("lobby", "hi");
}

describe("a member without the history permission", () => {
  it("requests a gap once, reports it, and loses nothing that arrived or is on its way", async () => {
    const { server } = clock;
    const { client, messages } = await blind();
    const joined = collect(client, "joined");
    withhold(6);
    say(4);
    const release = withhold(10);
    say(1);
    await clock.pass(310);
    expect(joined).toMatchObject([{ recovered: false, position: { seq: 5 } }]);
    release();
    say(1);
    await clock.pass(310);
    expect(seqs(messages)).toEqual([1, 2, 3, 4, 5, 7, 8, 9, 10, 11]);
    await clock.pass(20_000);
    expect([server.of("join").length, joined.length]).toEqual([2, 1]);
  });

  it("waits without limit for what a heartbeat named and nothing depends on", async () => {
    const { server } = clock;
    const { messages } = await blind({ pingInterval: 10_000 });
    const release = withhold(6, 7);
    say(2);
    await clock.pass(60_000);
    expect(server.of("join")).toHaveLength(2);
    release();
    say(1);
    await clock.pass(5);
    expect(seqs(messages)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("requests a later gap, too", async () => {
    const { server } = clock;
    const { client, messages } = await blind();
    const joined = collect(client, "joined");
    withhold(6, 8);
    for (let i = 0; i < 2; i++) {
      say(2);
      await clock.pass(60_000);
    }
    expect(seqs(messages)).toEqual([1, 2, 3, 4, 5, 7, 9]);
    expect([server.of("join").length, joined.length]).toEqual([3, 2]);
  });

  it("reports once what it may have missed without a connection, and goes on with what arrives", async () => {
    const { server } = clock;
    const { client, messages } = await blind();
    const joined = collect(client, "joined");
    server.drop();
    say(2);
    await clock.pass(5000);
    server.drop();
    await clock.pass(5000);
    expect(joined.map(({ recovered }) => recovered)).toEqual([false, true]);
    expect(await client.room("lobby").join({ since: { seq: 5, epoch: server.log("lobby").epoch } })).toMatchObject({ recovered: false });
    say(1);
    await clock.pass(310);
    expect(seqs(messages)).toEqual([1, 2, 3, 4, 5, 8]);
    expect(server.of("join")).toHaveLength(3);
  });

  it("loses nothing that is on its way to the old connection during a rollover", async () => {
    const { client, messages } = await blind();
    const release = withhold(6, 7);
    say(2);
    const done = client.rollover();
    await clock.pass(50);
    await done;
    release();
    say(1);
    await clock.pass(5);
    expect(seqs(messages)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("goes on in a room that was empty and lost its first message", async () => {
    const { server } = clock;
    server.blind = true;
    const { client, messages } = await clock.inLobby();
    withhold(1);
    say(3);
    await clock.pass(1000);
    expect(seqs(messages)).toEqual([2, 3]);
    expect(client.room("lobby").position).toEqual({ seq: 3, epoch: server.log("lobby").epoch });
  });
});
