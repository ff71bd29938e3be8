import { checkText } from "./checks.js";
import { describe } from "./json.js";
import { platformNetwork, type NetworkSource } from "./network.js";
import { checkToken, type TokenProvider } from "./token.js";

/** A WebSocket class: the browser's own, or that of package ws in Node before 22. */
export type WebSocketConstructor = new (url: string, protocols?: string | string[]) => { readonly readyState: number };

/** Where the WebSocket API is. A function is called for every attempt. */
export type UrlProvider = string | (() => string | Promise<string>);

/** The options of a RoomcastClient. All but `url` have a default in DEFAULTS. Durations are in milliseconds. */
export interface RoomcastOptions {
  /** The WebSocket URL including the stage. */
  readonly url: UrlProvider;
  /** Who connects, with open authentication only: added to the URL's query. A token says this itself. */
  readonly userId?: string;
  /**
   * The token that says who connects. A function is called for every attempt,
   * and again before the token of an open connection expires, which is then
   * replaced without a gap. Each time it has to return a token of the same user
   * that is valid for a while.
   *
   * With a string, the client is closed when the token expires.
   */
  readonly token?: TokenProvider;
  /**
   * Sends the token of a handshake as `?token=` in the URL, for networks that
   * drop subprotocols. By default it is a subprotocol: then no URL, no proxy's
   * log and no browser history has it.
   */
  readonly tokenInQuery?: boolean;
  /** How long an attempt to connect may take, the calls of `url` and `token` included: 1 to 600,000. */
  readonly connectTimeout?: number;
  /** The bound of the wait before the first retry, which doubles with each further one: 1 to 3,600,000. */
  readonly retryBase?: number;
  /** The largest bound of the wait before a retry: 1 to 3,600,000. */
  readonly retryMax?: number;
  /** How long a frame waits for its reply before it is sent again: 1 to 60,000. */
  readonly requestTimeout?: number;
  /** How long a call other than send() may take, the wait for a connection included: 1 to 3,600,000. */
  readonly callTimeout?: number;
  /**
   * How long a message may wait to be sent for the first time: 1 to 86,400,000.
   * After that it is rejected with `timeout`, and was not sent.
   */
  readonly queueTimeout?: number;
  /** How many messages may be pending, and how many other calls: 1 or more. */
  readonly maxQueued?: number;
  /**
   * How often an open connection is pinged: 1,000 to 600,000. It is also how
   * late the loss of the last message of a quiet room may be noticed.
   */
  readonly pingInterval?: number;
  /** How long a connection may stay silent, once the network may have changed, before it is replaced: 1 to 60,000. */
  readonly probeTimeout?: number;
  /**
   * Reports changes of the network, after which the client checks its
   * connection. Default: the events of browsers, and a clock that jumped ahead.
   * Give a function for other platforms, such as React Native.
   */
  readonly network?: NetworkSource;
  /** How long a message may be missing between others before it is requested: 1 to 60,000. */
  readonly gapTimeout?: number;
  /**
   * The age at which a connection is replaced, before API Gateway closes it at
   * 2 hours: 1 to 7,200,000. The actual age is a random 0.9 to 1.0 of it.
   */
  readonly rolloverAfter?: number;
  /** The least time between two cursor positions sent to a room, for every 100 members that it has or begins: 0 to 60,000. */
  readonly cursorInterval?: number;
  /** The WebSocket class. Default: the global one. */
  readonly WebSocket?: WebSocketConstructor;
}

/** The defaults of the options. */
export const DEFAULTS = {
  tokenInQuery: false,
  connectTimeout: 10_000,
  retryBase: 500,
  retryMax: 20_000,
  requestTimeout: 10_000,
  callTimeout: 30_000,
  queueTimeout: 120 * 60_000,
  maxQueued: 100,
  pingInterval: 5 * 60_000,
  probeTimeout: 3_000,
  gapTimeout: 300,
  rolloverAfter: 110 * 60_000,
  cursorInterval: 50,
} as const satisfies Partial<RoomcastOptions>;

/** The options with their defaults filled in. */
export type Settings = RoomcastOptions & Required<Pick<RoomcastOptions, keyof typeof DEFAULTS | "network">>;

const MINUTE = 60_000;

/** The least and the most that each number may be. */
const LIMITS: Readonly<Record<Exclude<keyof typeof DEFAULTS, "tokenInQuery">, readonly [number, number]>> = {
  connectTimeout: [1, 10 * MINUTE],
  retryBase: [1, 60 * MINUTE],
  retryMax: [1, 60 * MINUTE],
  requestTimeout: [1, MINUTE],
  callTimeout: [1, 60 * MINUTE],
  queueTimeout: [1, 24 * 60 * MINUTE],
  maxQueued: [1, Infinity],
  pingInterval: [1000, 10 * MINUTE],
  probeTimeout: [1, MINUTE],
  gapTimeout: [1, MINUTE],
  rolloverAfter: [1, 120 * MINUTE],
  cursorInterval: [0, MINUTE],
};

/**
 * Fills in the defaults. An option that is undefined counts as left out.
 * Throws a TypeError or, for a number out of its limits, a RangeError.
 */
export function settings(options: RoomcastOptions): Settings {
  if (typeof options !== "object" || options === null) throw new TypeError("invalid options: expected an object");
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const all = { ...DEFAULTS, network: platformNetwork, ...(Object.fromEntries(given) as unknown as RoomcastOptions) };
  if (typeof all.url === "string") checkUrl(all.url);
  else if (typeof all.url !== "function") throw expected("url", "a string or a function");
  if (typeof all.network !== "function") throw expected("network", "a function");
  checkIdentity(all);
  for (const [name, [least, most]] of Object.entries(LIMITS)) {
    const value: unknown = all[name as keyof typeof LIMITS];
    if (typeof value === "number" && value >= least && value <= most) continue;
    throw new RangeError(`invalid option ${name} ${describe(value)}: expected a number from ${least} to ${most}`);
  }
  return all;
}

/** Reads the URL of a WebSocket. As browsers do, it takes http for ws and https for wss, and ignores a fragment. */
export function checkUrl(text: unknown): URL {
  let url: URL | undefined;
  try {
    url = new URL(text as string);
  } catch {
    // Reported below.
  }
  if (url === undefined || !/^(wss?|https?):$/.test(url.protocol)) {
    // A query may contain a token.
    const shown = describe(text).replace(/\?.*/s, "?…").slice(0, 200);
    throw new TypeError(`invalid option url ${JSON.stringify(shown)}: expected wss://HOST/STAGE`);
  }
  url.protocol = url.protocol.replace("http", "ws");
  url.hash = "";
  return url;
}

/** Checks that there is a WebSocket class. */
export function checkWebSocket({ WebSocket }: RoomcastOptions): void {
  if (typeof WebSocket === "function") return;
  if (WebSocket !== undefined) throw expected("WebSocket", "a class");
  if (typeof globalThis.WebSocket === "function") return;
  throw new TypeError('missing option WebSocket: this platform has none, so pass the class of the package ws');
}

function checkIdentity({ token, tokenInQuery, userId }: Settings): void {
  if (userId !== undefined) asOption(() => checkText("option userId", userId, 1, 128));
  if (token === undefined) return;
  if (typeof token !== "string" && typeof token !== "function") throw expected("token", "a string or a function");
  if (typeof tokenInQuery !== "boolean") throw expected("tokenInQuery", "a boolean");
  if (typeof token === "string") asOption(() => checkToken(token, tokenInQuery));
  if (userId !== undefined) throw new TypeError("invalid option userId: expected none beside a token");
}

/** Runs a check whose failure is a mistake in the options. */
function asOption(check: () => unknown): void {
  try {
    check();
  } catch (error) {
    throw new TypeError(describe(error));
  }
}

function expected(name: string, what: string): TypeError {
  return new TypeError(`invalid option ${name}: expected ${what}`);
}
