import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { beforeAll, expect, it } from "vitest";

const cwd = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

beforeAll(() => run("npm", ["run", "build"], { cwd }), 120_000);

it("is imported by plain Node under its name", async () => {
  const script = `
    import * as roomcast from "@roomcast/client";
    const client = new roomcast.RoomcastClient({ url: "ws://127.0.0.1:9/prod", WebSocket: class extends EventTarget { close() {} } });
    console.log(typeof roomcast.RoomcastError, client.state);
    client.close();
    console.log(client.state);`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { cwd });
  expect(stdout).toBe("function connecting\nclosed\n");
}, 60_000);

it("holds what its exports name, its sources and its manual, and no tests", async () => {
  const { stdout } = await run("npm", ["pack", "--dry-run", "--json"], { cwd });
  const [pack] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  const paths = pack.files.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(["dist/index.js", "dist/index.d.ts", "src/index.ts", "README.md", "package.json"]));
  expect(paths.filter((path) => !/^(dist|src)\/|^(README\.md|package\.json)$/.test(path))).toEqual([]);
}, 60_000);
