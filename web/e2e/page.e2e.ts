import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";

import { launch } from "./browser";
import { Visitor } from "./visitor";

let browser: Browser;
const visitors: Visitor[] = [];
// Tests do not meet each other, nor an earlier run.
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

it("chats both ways, in the same order", async () => {
  const where = room();
  const ada = await enter("ada", where);
  const bob = await enter("bob", where);

  await ada.say("hello bob");
  await bob.message("ada", "hello bob").waitFor();
  await bob.say("hello ada");
  await ada.message("bob", "hello ada").waitFor();

  for (const visitor of [ada, bob]) {
    expect(await visitor.page.locator(".bubble-text").allTextContents()).toEqual(["hello bob", "hello ada"]);
  }
});

it("shows a message as text, whatever is in it", async () => {
  const where = room();
  const ada = await enter("ada", where);
  const bob = await enter("bob", where);
  const nasty = `<img src=x onerror="document.title='owned'"> & \u{1f44b}`;

  await ada.say(nasty);
  await bob.message("ada", nasty).waitFor();

  expect(await bob.page.title()).not.toBe("owned");
});

it("keeps rooms apart, and moves to another by the form", async () => {
  const here = room();
  const there = room();
  const ada = await enter("ada", here);
  const bob = await enter("bob", there);
  await ada.say("nobody hears this");
  await ada.message("ada", "nobody hears this").waitFor();

  await ada.at("room-input").fill(there);
  await ada.at("join").click();
  await ada.person("bob").waitFor();
  await bob.say("welcome");
  await ada.message("bob", "welcome").waitFor();

  expect(new URL(ada.page.url()).searchParams.get("room")).toBe(there);
  expect(await bob.message("ada", "nobody hears this").count()).toBe(0);
});

it("lists who is in the room", async () => {
  const where = room();
  const ada = await enter("ada", where);
  await enter("bob", where);
  await ada.person("bob").waitFor();
  await ada.page.getByTestId("presence-count").filter({ hasText: "2" }).waitFor();
  expect(await ada.at("person").count()).toBe(2);
});

it("notifies a user in another room, and says so if that user is offline", async () => {
  const name = `bob-${room()}`;
  const ada = await enter("ada", room());
  const bob = await enter(name, room());

  await ada.notify(name, "lunch?");
  await bob.at("notification").filter({ hasText: "lunch?" }).filter({ hasText: "ada" }).waitFor();
  await ada.at("notify-outcome").filter({ hasText: `Delivered to ${name}` }).waitFor();
  await bob.at("notification").getByRole("button", { name: "Dismiss" }).click();
  await bob.at("notification").waitFor({ state: "detached" });

  await ada.notify(`nobody-${room()}`, "hello?");
  await ada.at("notify-outcome").filter({ hasText: "is offline" }).waitFor();
});

it("shows each the other's cursor in its place, and lets an idle one fade away", async () => {
  const where = room();
  const ada = await enter("ada", where);
  const bob = await enter("bob", where);

  await ada.point(0.25, 0.5);
  await bob.cursor("ada").waitFor();
  await bob.point(0.75, 0.4);
  await ada.cursor("bob").waitFor();

  await expect.poll(async () => Number(await bob.cursor("ada").getAttribute("data-x"))).toBeCloseTo(0.25, 2);
  await expect.poll(async () => Number(await ada.cursor("bob").getAttribute("data-y"))).toBeCloseTo(0.4, 2);
  expect(await ada.cursor("ada").count()).toBe(0);
  await bob.cursor("ada").waitFor({ state: "detached", timeout: 10_000 });
});

it("moves the pointer by the keyboard", async () => {
  const where = room();
  const ada = await enter("ada", where);
  const bob = await enter("bob", where);
  await ada.page.getByRole("application").focus();
  await ada.page.keyboard.press("ArrowRight");
  await bob.cursor("ada").waitFor();
  expect(Number(await bob.cursor("ada").getAttribute("data-x"))).toBeCloseTo(0.53, 2);
});

it("opens a second window in the same room under another name", async () => {
  const where = room();
  const ada = await enter("ada", where);
  const [popup] = await Promise.all([ada.page.context().waitForEvent("page"), ada.at("second-window").click()]);
  const query = new URL(popup.url()).searchParams;
  expect(query.get("room")).toBe(where);
  expect(query.get("user")).not.toBe("ada");
  await ada.person(query.get("user")!).waitFor();
});

it("shows that the connection is lost, keeps what is written meanwhile, and comes back", async () => {
  const where = room();
  const ada = await enter("ada", where);
  const bob = await enter("bob", where);

  await ada.plug.pull();
  await ada.connection("reconnecting").waitFor();
  await ada.say("written in the dark");
  ada.plug.plugIn();

  await ada.connection("open").waitFor();
  await bob.message("ada", "written in the dark").waitFor();
  await ada.message("ada", "written in the dark").waitFor();
});
