import { checkText } from "./checks.js";
import { describe } from "./json.js";
import { platformNetwork, type NetworkSource } from "./network.js";
import { checkToken, type TokenPlace, type TokenProvider } from "./token.js";

/** A WebSocket class: the browser's own, or that of package ws in Node before 22. */
export type WebSocketConstructor = new (url: string, protocols?: string | string[]) => { readonly readyState: number };

/** Where the WebSocket API is. A function is called for every attempt. */
export type UrlProvider = string | (() => string | Promise<string>);

/** What a RoomcastClient is made of. Everything but the url has its default in DEFAULTS. */
export interface RoomcastOptions {
  /** The WebSocket URL including the stage, as the stack's output names it. */
  readonly url: UrlProvider;
  /** Goes into the URL's query: who is connecting, where authentication is open. Not with a token, which says that itself. */
  readonly userId?: string;
  /**
   * The token that says who is connecting. A function is called for every
   * attempt, and again before the token of an open connection ends, which is
   * then replaced without a gap; each time it has to give one that holds for a
   * while, of the same user. It may take as long as connecting may.
   *
   * A string is for a client that need not outlive it: when the server says
   * that it has ended, or an attempt to connect fails after its `exp`, the
   * client is closed, for connecting again would not help.
   */
  readonly token?: TokenProvider;
  /**
   * How a handshake carries the token. As a subprotocol, the default, it is in
   * no URL, and so in no proxy's log and no browser's history; "query" puts it
   * there, as `token`, for where something on the way drops subprotocols.
   */
  readonly tokenIn?: TokenPlace;
  /** How long an attempt to connect may take, in milliseconds: 1 to 600,000. */
  readonly connectTimeout?: number;
  /** The first retry comes within this time, in milliseconds, 1 to 3,600,000; the limit doubles with every further one. */
  readonly retryBase?: number;
  /** No retry waits longer than this, in milliseconds: 1 to 3,600,000. */
  readonly retryMax?: number;
  /** A connection that held this long counts as a success: after it retries start at the base again. In milliseconds, 0 to 3,600,000. */
  readonly minUptime?: number;
  /**
   * How long a frame waits for its reply, in milliseconds, 1 to 60,000. After it a message
   * is sent again; any other request is rejected this long after it was made.
   */
  readonly requestTimeout?: number;
  /**
   * How long a message may wait to be sent for the first time, because there is
   * no connection or those before it have no ack, in milliseconds: 1 to
   * 86,400,000. After it the message is rejected with `timeout`, and was not sent.
   */
  readonly queueTimeout?: number;
  /** How many messages may have no ack, and how many other requests no reply: 1 or more. */
  readonly maxQueued?: number;
  /**
   * How often an open connection is pinged, in milliseconds: 1 second to 10
   * minutes, after which API Gateway closes it. It is also the time within
   * which a message is noticed that was lost as the last one of a quiet room.
   */
  readonly pingInterval?: number;
  /**
   * How long a connection has to answer when the network may have changed, in
   * milliseconds: 1 to 60,000. One that does not is replaced at once.
   */
  readonly probeTimeout?: number;
  /**
   * What tells the client that the network may have changed, so that it looks
   * whether its connection still works. By default the events of browsers
   * (online, offline, a page that becomes visible or is unfrozen), and a clock
   * that jumped ahead. Give a function of your own for other platforms, such as
   * React Native's AppState and NetInfo.
   */
  readonly network?: NetworkSource;
  /** How long a message that is missing between others may take before it is asked for, in milliseconds: 1 to 60,000. */
  readonly holeWait?: number;
  /**
   * The age at which a connection is replaced by another, make before break,
   * in milliseconds, 1 to 7,200,000; each time a random 0.9 to 1.0 of it. API
   * Gateway closes after 2 hours.
   */
  readonly rolloverAfter?: number;
  /**
   * The newest cursor position in a room is sent at most this often, in
   * milliseconds, 0 to 60,000; this long for every 100 members that the room
   * has or begins.
   */
  readonly cursorInterval?: number;
  /** The WebSocket class to use. Default: the global one. */
  readonly WebSocket?: WebSocketConstructor;
}

/** What options that are left out stand for. */
export const DEFAULTS = {
  tokenIn: "subprotocol",
  connectTimeout: 10_000,
  retryBase: 500,
  retryMax: 20_000,
  minUptime: 5_000,
  requestTimeout: 10_000,
  queueTimeout: 120 * 60_000,
  maxQueued: 100,
  pingInterval: 5 * 60_000,
  probeTimeout: 3_000,
  holeWait: 300,
  rolloverAfter: 110 * 60_000,
  cursorInterval: 50,
} as const satisfies Partial<RoomcastOptions>;

/** The options with their defaults filled in. */
export type Settings = RoomcastOptions & Required<Pick<RoomcastOptions, keyof typeof DEFAULTS | "network">>;

const MINUTE = 60_000;

/** The least and the most that each number may be. */
const LIMITS: Readonly<Record<Exclude<keyof typeof DEFAULTS, "tokenIn">, readonly [number, number]>> = {
  connectTimeout: [1, 10 * MINUTE],
  retryBase: [1, 60 * MINUTE],
  retryMax: [1, 60 * MINUTE],
  minUptime: [0, 60 * MINUTE],
  requestTimeout: [1, MINUTE],
  queueTimeout: [1, 24 * 60 * MINUTE],
  maxQueued: [1, Infinity],
  pingInterval: [1000, 10 * MINUTE],
  probeTimeout: [1, MINUTE],
  holeWait: [1, MINUTE],
  rolloverAfter: [1, 120 * MINUTE],
  cursorInterval: [0, MINUTE],
};

/**
 * Fills in the defaults. An option given as undefined counts as left out.
 * Throws a TypeError without a url, or where the options do not say who is
 * connecting in one way, and a RangeError on a number that is out of its limits.
 */
export function settings(options: RoomcastOptions): Settings {
  if (typeof options !== "object" || options === null) throw new TypeError("options must be an object such as { url: \"wss://HOST/STAGE\" }");
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const all = { ...DEFAULTS, network: platformNetwork, ...(Object.fromEntries(given) as unknown as RoomcastOptions) };
  if (typeof all.url === "string") checkUrl(all.url);
  else if (typeof all.url !== "function") throw new TypeError("option url must be a string or a function");
  if (typeof all.network !== "function") throw new TypeError("option network must be a function that listens and returns a function that stops it");
  checkIdentity(all);
  for (const [name, [least, most]] of Object.entries(LIMITS)) {
    const value: unknown = all[name as keyof typeof LIMITS];
    if (typeof value === "number" && value >= least && value <= most) continue;
    throw new RangeError(`option ${name} must be a number from ${least} to ${most}, got ${describe(value)}`);
  }
  return all;
}

/** Reads a URL of a WebSocket. As browsers do, it takes http for ws and https for wss, and no fragment. */
export function checkUrl(text: unknown): URL {
  let url: URL | undefined;
  try {
    url = new URL(text as string);
  } catch {
    // Said below.
  }
  if (url === undefined || !/^(wss?|https?):$/.test(url.protocol)) {
    // A query may hold a token.
    const shown = describe(text).replace(/\?[^]*/, "?…").slice(0, 200);
    throw new TypeError(`invalid option url ${JSON.stringify(shown)}: expected wss://HOST/STAGE, as the stack's output names it`);
  }
  url.protocol = url.protocol.replace("http", "ws");
  url.hash = "";
  return url;
}

/** Checks that there is a WebSocket class. */
export function checkWebSocket({ WebSocket }: RoomcastOptions): void {
  if (typeof WebSocket === "function") return;
  if (WebSocket !== undefined) throw new TypeError("option WebSocket must be a class");
  if (typeof globalThis.WebSocket === "function") return;
  throw new TypeError(
    "there is no global WebSocket, as in Node before 22: install the package ws and give its class as the option WebSocket: " +
      'import { WebSocket } from "ws"; new RoomcastClient({ WebSocket, … })',
  );
}

function checkIdentity({ token, tokenIn, userId }: RoomcastOptions): void {
  if (userId !== undefined) {
    try {
      checkText("option userId", userId, 1, 128);
    } catch (error) {
      throw new TypeError(describe(error));
    }
  }
  if (token === undefined) return;
  if (typeof token !== "string" && typeof token !== "function") throw new TypeError("option token must be a string or a function");
  if (tokenIn !== "subprotocol" && tokenIn !== "query") throw new TypeError('option tokenIn must be "subprotocol" or "query"');
  if (typeof token === "string") {
    try {
      checkToken(token, tokenIn!);
    } catch (error) {
      throw new TypeError(describe(error));
    }
  }
  if (userId !== undefined) throw new TypeError("options token and userId cannot both be given: the token says who is connecting");
}
