import { spawn, type ChildProcess } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

import { afterAll, expect, test } from "vitest";

import { launch } from "./browser";

/** Follows docs/guide/frontend.md in an empty folder, word for word but for the port. */

const ROOT = new URL("../..", import.meta.url).pathname;
const DOC_PORT = "8787";

interface Block {
  /** "sh", or the path of a file. */
  readonly what: string;
  readonly text: string;
}

/** The code blocks of the guide: shell commands, and files by their names. */
async function blocks(port: number): Promise<Block[]> {
  const guide = (await readFile(join(ROOT, "docs/guide/frontend.md"), "utf8")).replaceAll(DOC_PORT, String(port));
  return [...guide.matchAll(/^```(\S+)(?: (\S+))?\n(.*?)^```$/gms)].map(([, language, file, text]) => ({
    what: file ?? language ?? "",
    text: text ?? "",
  }));
}

const running: ChildProcess[] = [];
const folders: string[] = [];

afterAll(async () => {
  for (const child of running) {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.pid !== undefined) {
      process.kill(-child.pid, "SIGINT");
      await ended;
    }
  }
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

/** Starts a command in a group of its own and returns the first line that matches. */
async function start(command: string[], cwd: string, wanted: RegExp): Promise<RegExpMatchArray> {
  const child = spawn(command[0]!, command.slice(1), { cwd, stdio: ["ignore", "pipe", "inherit"], detached: true });
  running.push(child);
  let said = "";
  for await (const line of createInterface({ input: child.stdout! })) {
    // Vite writes the port in bold.
    const plain = line.replace(/\x1b\[\d+m/g, "");
    const match = plain.match(wanted);
    if (match) {
      child.stdout!.resume();
      return match;
    }
    said += `${plain}\n`;
  }
  throw new Error(`${command.join(" ")} ended without a line ${wanted}:\n${said}`);
}

/** Runs shell commands and waits for their end. */
async function sh(script: string, cwd: string): Promise<void> {
  const child = spawn("bash", ["-euc", script], { cwd, stdio: ["ignore", "inherit", "inherit"] });
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`exit code ${code} of:\n${script}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Takes the oldest version of each range, so that a release elsewhere changes nothing here. */
async function pin(folder: string): Promise<void> {
  const file = join(folder, "package.json");
  const manifest = JSON.parse(await readFile(file, "utf8")) as Record<string, Record<string, string>>;
  for (const kind of ["dependencies", "devDependencies"]) {
    for (const [name, version] of Object.entries(manifest[kind] ?? {})) manifest[kind]![name] = version.replace(/^[\^~]/, "");
  }
  await writeFile(file, JSON.stringify(manifest, undefined, 2));
}

test("a fresh Vite page follows docs/guide/frontend.md and sends a message", { timeout: 600_000 }, async () => {
  const port = await freePort();
  const steps = await blocks(port);
  const beside = await mkdtemp(join(tmpdir(), "roomcast-frontend-"));
  folders.push(beside);
  const page = join(beside, "my-page");
  // The clone beside the page, as far as the guide uses it.
  await cp(join(ROOT, "client"), join(beside, "roomcast/client"), {
    recursive: true,
    filter: (source) => !/\/(node_modules|dist|go)$/.test(source),
  });

  const up = start(["go", "run", "./cmd/roomcast", "up", "--no-site", "--port", String(port)], ROOT, /dev server.*(server: .*\})/);
  let inPage = false;
  for (const { what, text } of steps) {
    if (what === "sh") {
      if (text.trim() === "npm run dev") break;
      for (const command of text.trim().split("\n")) {
        if (command === "cd my-page") {
          inPage = true;
          await pin(page);
        } else {
          await sh(command, inPage ? page : beside);
        }
      }
    } else {
      await mkdir(dirname(join(page, what)), { recursive: true });
      await writeFile(join(page, what), text);
    }
  }
  await sh("npx tsc -b", page);

  const [, line] = await up;
  expect(await readFile(join(page, "vite.config.ts"), "utf8")).toContain(line);
  const [, address] = await start(["npm", "run", "dev"], page, /Local:\s+(http:\/\/localhost:\d+\/)/);

  const browser = await launch();
  try {
    const tab = await browser.newPage();
    const token = tab.waitForResponse((response) => response.url().startsWith(`${address}_roomcast/token?userId=ada`), { timeout: 60_000 });
    await tab.goto(address!);
    expect(await (await token).text()).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    await tab.getByRole("status").getByText("open").waitFor({ timeout: 60_000 });
    await tab.getByLabel("Message").fill("hello from Vite");
    await tab.getByRole("button", { name: "Send" }).click();
    await tab.getByRole("listitem").getByText("ada: hello from Vite").waitFor();
    expect(await tab.getByRole("alert").count()).toBe(0);
  } finally {
    await browser.close();
  }
});
