import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { backoff } from "../src/backoff.js";
import { RoomcastClient } from "../src/index.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("backoff", () => {
  it.each([
    { retry: 1, random: 0, delay: 0 },
    { retry: 1, random: 0.5, delay: 250 },
    { retry: 2, random: 0.5, delay: 500 },
    { retry: 6, random: 0.5, delay: 8000 },
    { retry: 7, random: 0.5, delay: 10_000 },
    { retry: 5000, random: 0.5, delay: 10_000 },
  ])("waits $delay ms before retry $retry at $random", ({ retry, random, delay }) => {
    expect(backoff(retry, 500, 20_000, () => random)).toBe(delay);
  });
});

/** A WebSocket by hand: the test says what happens to it, and when. */
class ManualSocket extends EventTarget {
  static all: ManualSocket[] = [];
  static newest = () => ManualSocket.all.at(-1)!;
  readyState = 0;
  readonly sent: Record<string, unknown>[] = [];

  constructor(readonly url: string) {
    super();
    ManualSocket.all.push(this);
  }

  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  reply(frame: object): void {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
  }
}

describe("client", () => {
  const made: RoomcastClient[] = [];
  const start = async () => {
    ManualSocket.all = [];
    const client = new RoomcastClient({ url: "ws://server/prod", WebSocket: ManualSocket });
    made.push(client);
    await vi.advanceTimersByTimeAsync(0);
    return client;
  };
  afterEach(() => {
    for (const client of made.splice(0)) client.close();
    vi.restoreAllMocks();
  });

  it("waits a random part of a doubling limit between attempts, and starts over after a good connection", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    await start();
    const waits: number[] = [];
    const fail = async () => {
      const before = ManualSocket.all.length;
      const from = Date.now();
      ManualSocket.newest().close();
      while (ManualSocket.all.length === before) await vi.advanceTimersByTimeAsync(10);
      waits.push(Date.now() - from);
    };
    for (let i = 0; i < 8; i++) await fail();
    ManualSocket.newest().open();
    await vi.advanceTimersByTimeAsync(1000);
    await fail();
    ManualSocket.newest().open();
    await vi.advanceTimersByTimeAsync(5000);
    await fail();
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000, 250]);
  });

  it("gives up an attempt that takes too long", async () => {
    const client = await start();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.state).toBe("reconnecting");
    await vi.advanceTimersByTimeAsync(500);
    expect(ManualSocket.all).toHaveLength(2);
  });

  it.each([
    { random: 0, at: 4 * 60_000 },
    { random: 1, at: 5 * 60_000 },
  ])("pings at a random 0.8 to 1.0 of five minutes, again and again ($random)", async ({ random, at }) => {
    vi.spyOn(Math, "random").mockReturnValue(random);
    await start();
    const socket = ManualSocket.newest();
    socket.open();
    await vi.advanceTimersByTimeAsync(at - 1);
    expect(socket.sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(socket.sent).toMatchObject([{ action: "ping" }]);
    socket.reply({ type: "pong", timestamp: 1, clientId: socket.sent[0]!.clientId });
    await vi.advanceTimersByTimeAsync(at);
    expect(socket.sent).toHaveLength(2);
  });

  it("sends the newest cursor position every 50 ms, and only of rooms it is in", async () => {
    const client = await start();
    const socket = ManualSocket.newest();
    socket.open();
    await vi.advanceTimersByTimeAsync(0);
    const joining = client.room("lobby").join();
    await vi.advanceTimersByTimeAsync(0);
    socket.reply({ type: "joined", roomId: "lobby", seq: 0, epoch: "e", recovered: false, messages: [], clientId: socket.sent[0]!.clientId });
    await joining;

    client.room("elsewhere").moveCursor({ x: 0, y: 0 });
    for (let x = 0; x < 100; x++) {
      client.room("lobby").moveCursor({ x, y: 0 }, "#db2777");
      await vi.advanceTimersByTimeAsync(1);
    }

    const moves = socket.sent.filter((frame) => frame.action === "cursorMove");
    expect(moves).toEqual([0, 49, 99].map((x) => ({ action: "cursorMove", roomId: "lobby", position: { x, y: 0 }, color: "#db2777" })));
  });

  it("leaves no timer behind when it is closed", async () => {
    const client = await start();
    ManualSocket.newest().open();
    await vi.advanceTimersByTimeAsync(0);
    void client.checkConnection().catch(() => undefined);
    client.close();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("leaves no timer behind when it is closed between two attempts", async () => {
    const client = await start();
    ManualSocket.newest().close();
    await vi.advanceTimersByTimeAsync(0);
    client.close();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
    expect(ManualSocket.all).toHaveLength(1);
  });
});
