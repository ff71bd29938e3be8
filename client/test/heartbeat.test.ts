import { describe, expect, it } from "vitest";

import { send } from "./backend.js";
import { useClock } from "./clock.js";
import { collect } from "./harness.js";

const clock = useClock();

/** Names of rooms that are so many characters long. */
const names = (count: number, length: number, letter: string): string[] =>
  Array.from({ length: count }, (_, i) => `${letter.repeat(length - 3)}${String(i).padStart(3, "0")}`);

const bytes = (text: string): number => new TextEncoder().encode(text).length;

describe("the pings of many rooms", () => {
  it.each([
    { count: 100, length: 63, letter: "語" },
    { count: 100, length: 127, letter: "語" },
    { count: 127, length: 128, letter: "😀".slice(0, 2) },
    { count: 100, length: 128, letter: '"' },
    { count: 100, length: 128, letter: "\u2028" },
    { count: 250, length: 8, letter: "a" },
  ])("fit the server's limits: $count rooms of $length $letter", async ({ count, length, letter }) => {
    const { server } = clock;
    const client = await clock.connect({ pingInterval: 60_000, maxQueued: 1000 });
    const errors = collect(client, "error");
    const rooms = names(count, length, letter);
    await Promise.all([...rooms.map((room) => client.room(room).join()), clock.pass(50)]);
    const seen: string[] = [];
    server.intercept = (request) => {
      if (request.action === "ping") seen.push(JSON.stringify(request));
      return false;
    };
    await clock.pass(61_000);

    const asked = seen.map((text) => JSON.parse(text) as { rooms: { roomId: string }[]; heartbeat: number });
    // Each room once, in whichever ping.
    expect(asked.flatMap((ping) => ping.rooms.map(({ roomId }) => roomId)).sort()).toEqual([...rooms].sort());
    for (const [i, ping] of asked.entries()) {
      expect(ping.rooms.length).toBeLessThanOrEqual(100);
      expect(ping.heartbeat).toBe(60);
      expect(bytes(seen[i]!)).toBeLessThanOrEqual(32 * 1024);
      // As the server counts: it escapes the line separators, and takes a comma after each.
      const size = ping.rooms.reduce((sum, { roomId }) => sum + bytes(JSON.stringify(roomId).replaceAll("\u2028", "\\u2028")) + 1, 0);
      expect(size).toBeLessThanOrEqual(16 * 1024);
    }
    expect(errors).toEqual([]);
    expect(client.state).toBe("open");
    expect(server.connections).toBe(1);
  });
});

describe("a ping that the server refuses", () => {
  it("is reported, once for each beat", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby({ pingInterval: 60_000 });
    const errors = collect(client, "error");
    server.intercept = (request, peer) => {
      if (request.action !== "ping") return false;
      send(peer, { type: "error", code: "bad_field", message: "rooms: too many", clientId: request.clientId });
      return true;
    };
    await clock.pass(61_000);
    expect(errors).toMatchObject([{ code: "bad_field", message: "rooms: too many" }]);
    expect(client.state).toBe("open");
  });

  it("temporarily is sent again, so that the announced interval is kept", async () => {
    const { server } = clock;
    const { client } = await clock.inLobby({ pingInterval: 60_000 });
    const errors = collect(client, "error");
    let refusals = 2;
    server.intercept = (request, peer) => {
      if (request.action !== "ping" || refusals-- <= 0) return false;
      send(peer, { type: "error", code: "rate_limited", message: "too many frames", clientId: request.clientId, retryAfterMs: 500 });
      return true;
    };
    await clock.pass(61_000);
    await clock.pass(5_000);
    expect(server.of("ping").length).toBeGreaterThanOrEqual(3);
    expect(errors).toEqual([]);
  });
});
