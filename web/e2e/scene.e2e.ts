import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";

import { launch } from "./browser";
import { Visitor } from "./visitor";

const WINDOW = { width: 780, height: 860 };

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(() => browser?.close());

/**
 * Plays a scene of three users, two of them visible, and takes the README's picture of it: written
 * to ROOMCAST_SCREENSHOT when that names a file.
 */
it.each(["light", "dark"] as const)("looks good in two %s windows side by side", async (colorScheme) => {
  const where = colorScheme === "light" ? "lobby" : "night shift";
  const options = { viewport: WINDOW, colorScheme, deviceScaleFactor: 1.5 };
  const ada = await Visitor.enter(browser, "ada", where, options);
  const grace = await Visitor.enter(browser, "grace", where, options);

  const alan = await Visitor.enter(browser, "alan", where, options);

  await ada.say("Morning! Is the new board up?");
  await grace.message("ada", "Morning!").waitFor();
  await grace.say("It is. Look where I point.");
  await ada.message("grace", "It is.").waitFor();
  await alan.say("Looks sharp. Nothing to deploy for it?");
  await grace.message("alan", "Looks sharp.").waitFor();
  await ada.say("Nothing. It is all on this laptop.");
  await grace.message("ada", "Nothing.").waitFor();
  await Promise.all([ada, grace].map((visitor) => visitor.person("alan").waitFor()));
  await grace.notify("ada", "Stand-up in five minutes");
  await ada.at("notification").waitFor();
  await alan.point(0.78, 0.66);
  await grace.point(0.55, 0.55);
  await ada.point(0.24, 0.62);
  await Promise.all([ada.cursor("alan"), ada.cursor("grace"), grace.cursor("alan"), grace.cursor("ada")].map((cursor) => cursor.waitFor()));
  // The pointers glide, the toast slides in.
  await ada.page.waitForTimeout(400);

  const shots = await Promise.all([ada, grace].map(({ page }) => page.screenshot()));
  await Promise.all([ada, grace, alan].map((visitor) => visitor.leave()));

  const picture = await compose(shots, colorScheme);
  expect(picture.length).toBeGreaterThan(50_000);
  await save(picture, colorScheme);
});

/** Puts the two pictures side by side, each in a plain window frame. */
async function compose(shots: Buffer[], colorScheme: "light" | "dark"): Promise<Buffer> {
  const size = { width: WINDOW.width * 2 + 96, height: WINDOW.height + 96 };
  const page = await browser.newPage({ viewport: size, deviceScaleFactor: 1.5, colorScheme });
  const windows = shots.map((shot) => `<figure><i></i><i></i><i></i><img src="data:image/png;base64,${shot.toString("base64")}"></figure>`);
  await page.setContent(`<!doctype html><style>
    :root { color-scheme: light dark }
    body { margin: 0; height: 100vh; display: flex; gap: 32px; place-content: center; align-items: center }
    body { background: ${colorScheme === "light" ? "linear-gradient(135deg, #b9d6d2, #d5d2e6)" : "linear-gradient(135deg, #12383a, #262540)"} }
    figure { margin: 0; padding-top: 30px; position: relative; border-radius: 12px; overflow: hidden; background: light-dark(#fff, #1c2527); box-shadow: 0 18px 50px rgb(0 0 0 / 28%) }
    figure i { position: absolute; top: 10px; left: 14px; width: 10px; height: 10px; border-radius: 50%; background: light-dark(#cfd8d6, #3a4749) }
    figure i:nth-child(2) { left: 31px } figure i:nth-child(3) { left: 48px }
    img { display: block; width: ${WINDOW.width}px }
  </style>${windows.join("")}`);
  const picture = await page.screenshot();
  await page.close();
  return picture;
}

/** The light picture gets the name that was asked for, the dark one has -dark before the extension. */
async function save(picture: Buffer, colorScheme: "light" | "dark"): Promise<void> {
  const path = process.env.ROOMCAST_SCREENSHOT;
  if (!path) return;
  const { writeFile } = await import("node:fs/promises");
  await writeFile(colorScheme === "light" ? path : path.replace(/(\.png)?$/, "-dark.png"), picture);
}
