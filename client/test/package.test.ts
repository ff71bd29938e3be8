import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
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

it("is required by CommonJS", async () => {
  const script = 'console.log(typeof require("@roomcast/client").RoomcastClient)';
  const { stdout } = await run(process.execPath, ["--input-type=commonjs", "--eval", script], { cwd });
  expect(stdout).toBe("function\n");
}, 60_000);

it("has the license of the repository", async () => {
  expect(await readFile(`${cwd}LICENSE`, "utf8")).toBe(await readFile(`${cwd}../LICENSE`, "utf8"));
});

it("contains what its exports name, its sources and its manual, and no tests", async () => {
  const { stdout } = await run("npm", ["pack", "--dry-run", "--json"], { cwd });
  const [pack] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  const paths = pack.files.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(["dist/index.js", "dist/index.d.ts", "src/index.ts", "README.md", "LICENSE", "package.json"]));
  expect(paths.filter((path) => !/^(dist|src)\/|^(README\.md|LICENSE|package\.json)$/.test(path))).toEqual([]);
}, 60_000);
