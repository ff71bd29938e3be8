import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";

import { launch, site } from "./browser";
import { Visitor } from "./visitor";

// What goes wrong for people, and what the page says about it.

let browser: Browser;
const visitors: Visitor[] = [];
const room = () => `room-${Math.random().toString(36).slice(2, 10)}`;

async function enter(name: string, where: string): Promise<Visitor> {
  const visitor = await Visitor.enter(browser, name, where);
  visitors.push(visitor);
  return visitor;
}

beforeAll(async () => {
  browser = await launch();
});

afterEach(async () => {
  for (const visitor of visitors.splice(0)) {
    expect(visitor.problems).toEqual([]);
    await visitor.leave();
  }
});

afterAll(() => browser?.close());

it("notices a network that goes silent, says so, and goes on when it is back", async () => {
  const where = room();
  const ada = await enter("ada", where);
  const bob = await enter("bob", where);

  const restore = ada.plug.silence();
  // No event tells: the page finds out by asking.
  await ada.connection("reconnecting").waitFor();
  expect(await ada.at("problem").textContent()).toContain("The connection was lost.");
  await ada.say("written in the dark");
  await bob.say("missed");
  await bob.message("bob", "missed").waitFor();
  // An attempt that is under way by then is replaced.
  await ada.page.waitForTimeout(500);
  restore();
  await ada.page.evaluate(() => window.dispatchEvent(new Event("online")));

  await ada.connection("open").waitFor();
  await ada.at("problem").waitFor({ state: "detached" });
  await ada.message("bob", "missed").waitFor();
  await bob.message("ada", "written in the dark").waitFor();
}, 60_000);

it("looks at once whether the connection works when the browser says that the network changed", async () => {
  const ada = await enter("ada", room());
  const restore = ada.plug.silence();
  await ada.page.context().setOffline(true);
  await ada.connection("reconnecting").waitFor();
  await ada.page.waitForTimeout(500);
  restore();
  await ada.page.context().setOffline(false);
  await ada.connection("open").waitFor();
  await ada.say("back");
  await ada.message("ada", "back").waitFor();
}, 60_000);

it("goes on after it was frozen, and a connection that died meanwhile is replaced", async () => {
  const where = room();
  const ada = await enter("ada", where);
  const bob = await enter("bob", where);
  const devtools = await ada.page.context().newCDPSession(ada.page);

  // Chromium freezes only hidden pages, which a headless one never is. A paused page stands still as well.
  await devtools.send("Debugger.enable");
  await devtools.send("Debugger.pause");
  const restore = ada.plug.silence();
  await bob.say("while you slept");
  await bob.message("bob", "while you slept").waitFor();
  await bob.page.waitForTimeout(7_000);
  await devtools.send("Debugger.resume");
  await ada.connection("reconnecting").waitFor();
  // An attempt that is under way by then is replaced.
  await ada.page.waitForTimeout(500);
  restore();
  await ada.page.evaluate(() => window.dispatchEvent(new Event("online")));

  await ada.connection("open").waitFor();
  await ada.message("bob", "while you slept").waitFor();
  await ada.say("awake");
  await bob.message("ada", "awake").waitFor();
}, 60_000);

it("says that a pasted text of 40,000 characters is too long, keeps it, and goes on", async () => {
  const where = room();
  const ada = await enter("ada", where);
  const bob = await enter("bob", where);
  const long = "語".repeat(40_000);
  await ada.say(long);

  await ada.at("composer-problem").filter({ hasText: "too long (120,000 bytes)" }).waitFor();
  expect(await ada.at("composer").inputValue()).toBe(long);
  expect(await ada.at("connection").getAttribute("data-state")).toBe("open");
  if (process.env.ROOMCAST_TROUBLE_SHOT) await ada.page.screenshot({ path: process.env.ROOMCAST_TROUBLE_SHOT });

  await ada.say("shorter");
  await bob.message("ada", "shorter").waitFor();
  expect(await ada.at("composer-problem").count()).toBe(0);
  expect(await bob.at("message").count()).toBe(1);
  // On the same connection as before.
  expect(ada.plug.sent.filter(({ action }) => action === "join")).toHaveLength(1);
});

it("says that a notification is too long", async () => {
  const ada = await enter("ada", room());
  await ada.notify("bob", "x".repeat(40_000));
  await ada.at("notify-outcome").filter({ hasText: "too long" }).waitFor();
  expect(await ada.at("connection").getAttribute("data-state")).toBe("open");
});

it("has room for two people, and covers no problem with a notification, on a page that is 760 px high", async () => {
  const where = room();
  const ada = await Visitor.enter(browser, "ada", where, { viewport: { width: 780, height: 760 } });
  visitors.push(ada);
  const bob = await enter("bob", where);
  await ada.person("bob").waitFor();
  await ada.notify("nobody-at-all", "hello?");
  await ada.at("notify-outcome").filter({ hasText: "offline" }).waitFor();
  await bob.notify("ada", "Lunch?");
  await ada.at("notification").waitFor();
  await ada.plug.pull();
  await ada.at("problem").waitFor();
  // The toast slides in.
  await ada.page.waitForTimeout(400);
  if (process.env.ROOMCAST_LOW_SHOT) await ada.page.screenshot({ path: process.env.ROOMCAST_LOW_SHOT });

  const box = async (testId: string) => (await ada.at(testId).boundingBox())!;
  const [list, problem, toast, send] = await Promise.all(["presence", "problem", "notification", "notify-send"].map(box));
  for (const name of ["ada", "bob"]) {
    const row = (await ada.person(name).boundingBox())!;
    expect(row.y).toBeGreaterThanOrEqual(list!.y);
    expect(row.y + row.height).toBeLessThanOrEqual(list!.y + list!.height + 0.5);
  }
  expect(toast!.y).toBeGreaterThanOrEqual(problem!.y + problem!.height);
  const side = (await ada.page.locator(".side").boundingBox())!;
  expect(send!.y + send!.height).toBeLessThanOrEqual(Math.min(760, side.y + side.height));
  expect(await ada.page.locator(".side").evaluate((element) => element.scrollHeight - element.clientHeight)).toBeLessThanOrEqual(0);
}, 60_000);

it.each([
  { what: "a stage that does not exist", path: "/nowhere", reason: 'unknown stage "nowhere"' },
  { what: "a token that is missing", path: "/prod", reason: "no token was sent" },
])("says what is wrong with $what, in the local gateway's own words", async ({ path, reason }) => {
  const page = await browser.newPage();
  const url = new URL(site());
  url.searchParams.set("user", "ada");
  url.searchParams.set("ws", `ws://${url.host}${path}`);
  await page.goto(url.href);
  await page.getByTestId("problem").filter({ hasText: reason }).waitFor();
  if (process.env.ROOMCAST_PROBLEM_SHOT) await page.screenshot({ path: process.env.ROOMCAST_PROBLEM_SHOT });
  await page.close();
}, 60_000);
