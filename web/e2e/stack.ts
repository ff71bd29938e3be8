import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * Runs the stack that the tests visit: `roomcast up` of this repository, unless
 * ROOMCAST_SITE names a page that is served already.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.ROOMCAST_SITE) return undefined;

  const up = spawn("go", ["run", "./cmd/roomcast", "up", "--json"], {
    cwd: new URL("../..", import.meta.url),
    stdio: ["ignore", "pipe", "inherit"],
    detached: true, // a group of its own, so that go and what it runs are interrupted together
  });
  const ended = new Promise<number | null>((resolve) => up.once("exit", resolve));
  for await (const line of createInterface({ input: up.stdout })) {
    process.env.ROOMCAST_SITE = (JSON.parse(line) as { siteUrl: string }).siteUrl;
    return async () => {
      if (up.pid !== undefined) process.kill(-up.pid, "SIGINT");
      await ended;
    };
  }
  throw new Error(`roomcast up ended (exit code ${await ended}) before it was ready; what it said stands above`);
}
