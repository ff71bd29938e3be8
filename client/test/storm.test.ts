import { expect, it, vi } from "vitest";

import { useClock } from "./clock.js";
import { randomFrom } from "./random.js";

const CLIENTS = 500;
const clock = useClock();

/** The most of the times that fall into one window of so many milliseconds, wherever it begins. */
function mostWithin(window: number, times: readonly number[]): number {
  const within = (from: number) => times.filter((time) => time >= from && time < from + window).length;
  return Math.max(...times.map(within));
}

/** Lets time pass in steps of 20 ms: 500 clients have too many timers to go from one to the next. */
async function pass(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 20) {
    vi.advanceTimersByTime(20);
    for (let i = 0; i < 20; i++) await Promise.resolve();
  }
}

/** Drops 500 clients, takes none for the time of the outage, and returns when each came back. */
async function drop500(outage: number, until: number): Promise<number[]> {
  const { server } = clock;
  vi.spyOn(Math, "random").mockImplementation(randomFrom(1));
  for (let i = 0; i < CLIENTS; i++) clock.make();
  await pass(200);
  expect(server.peers.size).toBe(CLIENTS);
  const back: number[] = [];
  const connect = server.connect.bind(server);
  server.connect = (peer) => {
    back.push(Date.now());
    connect(peer);
  };

  server.up = outage === 0;
  server.drop();
  await pass(outage);
  server.up = true;
  await pass(until);

  expect(server.peers.size).toBe(CLIENTS);
  expect(back).toHaveLength(CLIENTS);
  return back;
}

it("500 clients of a server that was away for 10 s reconnect spread over the next 20 s", async () => {
  const back = await drop500(10_000, 20_100);
  // Without jitter they would all come at once, 20 s after the last attempt.
  expect(mostWithin(500, back)).toBeLessThan(CLIENTS * 0.12);
}, 30_000);

it("500 clients that a running server disconnects do not reconnect at the same time", async () => {
  const back = await drop500(0, 600);
  // The first retry comes within 500 ms: a fifth of them in each 100 ms.
  expect(mostWithin(100, back)).toBeLessThan(CLIENTS * 0.3);
}, 30_000);
