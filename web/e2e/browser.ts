import { existsSync } from "node:fs";

import { chromium, type Browser } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable"];

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the system's Chromium: $CHROMIUM, or the first of the usual places. */
export async function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? PLACES.find((place) => existsSync(place));
  if (executablePath === undefined) {
    throw new Error("no Chromium found: install it (Debian: apt-get install chromium) or set CHROMIUM to its path");
  }
  return chromium.launch({ executablePath, args: FLAGS });
}

/** The page's address, which stack.ts has set. */
export function site(): string {
  const url = process.env.ROOMCAST_SITE;
  if (!url) throw new Error("ROOMCAST_SITE is not set: run these tests by `npm run e2e`");
  return url;
}
