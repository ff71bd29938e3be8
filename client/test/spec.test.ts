import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { DEFAULTS, RoomcastClient } from "../src/index.js";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 };

/** The milliseconds of a text such as `1 h 50 min`. */
function milliseconds(text: string): number {
  return [...text.matchAll(/(\d+) (ms|s|min|h)/g)].reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0);
}

/** The rows of a table of docs/reference/client-spec.md, by the name in their first cell. */
function rows(heading: string): ReadonlyMap<string, readonly string[]> {
  const spec = readFileSync(new URL("../../docs/reference/client-spec.md", import.meta.url), "utf8");
  const section = spec.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const cells = [...section.matchAll(/^\| (.*) \|$/gm)].map(([, row]) => row!.split(" | ").map((cell) => cell.trim()));
  return new Map(cells.flatMap(([first, ...rest]): [string, string[]][] => (first?.startsWith("`") ? [[/^`(\w+)/.exec(first)![1]!, rest]] : [])));
}

describe("the client specification", () => {
  const options = rows("Options");

  it.each(Object.entries(DEFAULTS))("has the default of %s", (name, value) => {
    const [shown = ""] = options.get(name) ?? [];
    expect(/\d (ms|s|min|h)$/.test(shown) ? milliseconds(shown) : JSON.parse(shown)).toBe(value);
  });

  it.each(Object.keys(DEFAULTS).filter((name) => / to \d/.test(options.get(name)?.[1] ?? "")))("has the limits of %s", (name) => {
    const [least, most] = options.get(name)![1]!.split(" to ").map((text) => milliseconds(text)) as [number, number];
    const make = (value: number) => new RoomcastClient({ url: "ws://127.0.0.1:9", WebSocket: class extends EventTarget { readyState = 0; close() {} }, [name]: value });
    for (const value of [least, most]) make(value).close();
    expect(() => make(most + 1)).toThrow(RangeError);
  });

  it("lists the calls of the client and of a room", () => {
    const client = new RoomcastClient({ url: "ws://127.0.0.1:9", WebSocket: class extends EventTarget { readyState = 0; close() {} } });
    const names = (object: object) => Object.getOwnPropertyNames(Object.getPrototypeOf(object)).filter((name) => name !== "constructor" && name !== "on");
    expect([...rows("The client").keys()].sort()).toEqual(names(client).sort());
    expect([...rows("The room handle").keys()].sort()).toEqual([...names(client.room("lobby")), "roomId"].sort());
    client.close();
  });
});
