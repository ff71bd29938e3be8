import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";

import { launch } from "./browser";
import { Visitor } from "./visitor";

// Frames that come too often, too late or in the wrong order.

let browser: Browser;
let ada: Visitor;
let where: string;
const room = () => `room-${Math.random().toString(36).slice(2, 10)}`;

beforeAll(async () => {
  browser = await launch();
});

beforeEach(async () => {
  where = room();
  ada = await Visitor.enter(browser, "ada", where);
});

afterEach(async () => {
  expect(ada.problems).toEqual([]);
  await ada.leave();
});

afterAll(() => browser?.close());

it("asks who is there once a second at most, however many strangers show up", async () => {
  const questions = () => ada.plug.sent.filter((frame) => frame.action === "presence").length;
  await ada.page.waitForTimeout(1500);
  const before = questions();
  for (let i = 0; i < 40; i++) {
    ada.plug.deliver({ type: "cursor", roomId: where, userId: `stranger-${i}`, position: { x: 0.5, y: 0.5 }, timestamp: 1 });
    await ada.page.waitForTimeout(20);
  }
  expect(questions() - before).toBeGreaterThanOrEqual(1);
  expect(questions() - before).toBeLessThanOrEqual(2);
});

it("does not show who is in a room that it has left", async () => {
  const there = room();
  const bob = await Visitor.enter(browser, "bob", where);
  await ada.person("bob").waitFor();
  const asked = ada.plug.sent.length;
  const letGo = ada.plug.hold("presence", where);
  const question = () => ada.plug.sent.slice(asked).find((frame) => frame.action === "presence");
  await expect.poll(question, { timeout: 8000 }).toMatchObject({ roomId: where });

  await ada.at("room-input").fill(there);
  await ada.at("join").click();
  await ada.person("bob").waitFor({ state: "detached" });
  await ada.person("ada").waitFor();
  letGo();

  await ada.page.waitForTimeout(300);
  expect(await ada.person("bob").count()).toBe(0);
  await bob.leave();
});

it("leaves a cursor where it was when an older frame comes late", async () => {
  const move = (x: number, timestamp: number) => ada.plug.deliver({ type: "cursor", roomId: where, userId: "bob", position: { x, y: 0.5 }, timestamp });
  move(0.8, 2000);
  await ada.cursor("bob").waitFor();
  move(0.2, 1000);
  await ada.page.waitForTimeout(200);
  expect(Number(await ada.cursor("bob").getAttribute("data-x"))).toBe(0.8);
  move(0.4, 2001);
  await expect.poll(async () => Number(await ada.cursor("bob").getAttribute("data-x"))).toBe(0.4);
});

it("shows what comes in a batch, as in a large room", async () => {
  const cursor = (userId: string, x: number) => ({ type: "cursor", roomId: where, userId, position: { x, y: 0.5 }, timestamp: 1 });
  const notification = { type: "notification", id: "n1", from: "bob", notification: "hi", timestamp: 1 };
  ada.plug.deliver({ type: "batch", frames: [cursor("bob", 0.2), null, notification, cursor("eve", 0.8)] });
  await ada.cursor("bob").waitFor();
  await ada.cursor("eve").waitFor();
  await ada.at("notification").waitFor();
});

it("keeps a toast while it has the focus", async () => {
  await ada.page.clock.install();
  ada.plug.deliver({ type: "notification", id: "n1", from: "bob", notification: "hi", timestamp: 1 });
  const toast = ada.at("notification");
  await toast.getByRole("button", { name: "Dismiss" }).focus();

  await ada.page.clock.fastForward(60_000);
  await ada.page.waitForTimeout(200);
  expect(await toast.count()).toBe(1);

  await ada.at("composer").focus();
  await ada.page.clock.fastForward(11_000);
  await toast.waitFor({ state: "detached", timeout: 3000 });
});
