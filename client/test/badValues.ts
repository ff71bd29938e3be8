import { readFileSync } from "node:fs";

/** A case of the table of inputs that both clients refuse; see testdata/README.md. */
export interface BadInput {
  readonly name: string;
  readonly call: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly code: string;
  readonly only?: "ts" | "go" | "server";
}

/** The cases of this client. */
export function badInputs(): readonly BadInput[] {
  const all = JSON.parse(readFileSync(new URL("../testdata/bad-inputs.json", import.meta.url), "utf8")) as BadInput[];
  return all.filter(({ only }) => only === undefined || only === "ts");
}

const cycle: Record<string, unknown> = {};
cycle.self = cycle;
const selfList: unknown[] = [];
selfList.push(selfList);
const throws = (): never => {
  throw new Error("it throws");
};

/** The values that only JavaScript has, by the names that the table gives them. */
export const VALUES: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  NaN: () => NaN,
  Infinity: () => Infinity,
  "-Infinity": () => -Infinity,
  BigInt: () => 1n,
  symbol: () => Symbol("s"),
  function: () => throws,
  "object with a toString that throws": () => ({ toString: throws }),
  cycle: () => cycle,
  "list that holds itself": () => selfList,
  "toJSON that throws": () => ({ toJSON: throws }),
  "toJSON that gives undefined": () => ({ toJSON: () => undefined }),
  "getter that throws": () => Object.defineProperty({}, "x", { enumerable: true, get: throws }),
  sparse: () => Object.assign([], { length: 3, 2: "bob" }),
  "undefined in a list": () => [1, undefined],
  "NaN in an object": () => ({ a: NaN }),
  "BigInt in an object": () => ({ a: 1n }),
  "function in an object": () => ({ a: throws }),
  "symbol in a list": () => [Symbol("s")],
  "invalid Date": () => new Date(NaN),
  "invalid Date in an object": () => ({ at: new Date(NaN) }),
  Map: () => new Map([["a", 1]]),
  Set: () => new Set([1]),
  "text object with a lone surrogate": () => new String("a\ud800"),
  "number object that is NaN": () => ({ a: new Number(NaN) }),
  "typed array": () => new Uint8Array(3),
  "typed array of 100 MB": () => new Uint8Array(100_000_000),
  "typed array in an object": () => ({ data: new Float64Array(2) }),
  Promise: () => Promise.resolve(1),
  "proxy that throws": () => new Proxy({}, { get: throws, ownKeys: throws, getPrototypeOf: throws }),
  "100,000 levels": () => Array.from({ length: 100_000 }).reduce<unknown>((inner) => [inner], null),
  "lone surrogate in a key": () => ({ "a\ud800": 1 }),
};

/** What a value of the table stands for; `index` is its place in the list around it. */
export function expand(value: unknown, index = 0): unknown {
  if (typeof value === "string") return value.replaceAll("#", String(index));
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item, i) => expand(item, i));
  const { $repeat, $times, $then = "", $list, $nest, $utf16, $ts } = value as {
    $repeat?: string;
    $times?: number;
    $then?: string;
    $list?: unknown;
    $nest?: number;
    $utf16?: number[];
    $ts?: string;
  };
  if ($repeat !== undefined) return $repeat.repeat($times!) + String(expand($then, index));
  if ($list !== undefined) return Array.from({ length: $times! }, (_, i) => expand($list, i));
  if ($nest !== undefined) return Array.from({ length: $nest - 1 }).reduce<unknown>((inner) => [inner], []);
  if ($utf16 !== undefined) return String.fromCharCode(...$utf16);
  if ($ts !== undefined) return VALUES[$ts]!();
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, expand(field, index)]));
}
