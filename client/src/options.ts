/** A WebSocket class: the browser's own, or that of package ws in Node before 22. */
export type WebSocketConstructor = new (url: string, protocols?: string | string[]) => { readonly readyState: number };

/** Where the WebSocket API is. A function is called for every attempt, so that it can give a fresh token. */
export type UrlProvider = string | (() => string | Promise<string>);

/** What a RoomcastClient is made of. Everything but the url has its default in DEFAULTS. */
export interface RoomcastOptions {
  /** The WebSocket URL including the stage, as the stack's output names it. */
  readonly url: UrlProvider;
  /** Goes into the URL's query: who is connecting, where authentication is open. */
  readonly userId?: string;
  /** How long an attempt to connect may take, in milliseconds. */
  readonly connectTimeout?: number;
  /** The first retry comes within this time, in milliseconds; the limit doubles with every further one. */
  readonly retryBase?: number;
  /** No retry waits longer than this, in milliseconds. */
  readonly retryMax?: number;
  /** A connection that held this long counts as a success: after it retries start at the base again. In milliseconds. */
  readonly minUptime?: number;
  /**
   * How long a frame waits for its reply, in milliseconds. After it a message
   * is sent again; any other request is rejected this long after it was made.
   */
  readonly requestTimeout?: number;
  /** How many messages may have no ack, and how many other requests no reply. */
  readonly maxQueued?: number;
  /**
   * How often an open connection is pinged, in milliseconds: 1 second to 10
   * minutes, after which API Gateway closes it. It is also the time within
   * which a message is noticed that was lost as the last one of a quiet room.
   */
  readonly pingInterval?: number;
  /** How long a message that is missing between others may take before it is asked for, in milliseconds. */
  readonly holeWait?: number;
  /**
   * The age at which a connection is replaced by another, make before break,
   * in milliseconds; each time a random 0.9 to 1.0 of it. API Gateway closes
   * after 2 hours.
   */
  readonly rolloverAfter?: number;
  /**
   * The newest cursor position in a room is sent at most this often, in
   * milliseconds; this long for every 100 members that the room has or begins.
   */
  readonly cursorInterval?: number;
  /** The WebSocket class to use. Default: the global one. */
  readonly WebSocket?: WebSocketConstructor;
}

/** Every number that an option stands in for. */
export const DEFAULTS = {
  connectTimeout: 10_000,
  retryBase: 500,
  retryMax: 20_000,
  minUptime: 5_000,
  requestTimeout: 10_000,
  maxQueued: 100,
  pingInterval: 5 * 60_000,
  holeWait: 300,
  rolloverAfter: 110 * 60_000,
  cursorInterval: 50,
} as const satisfies Partial<RoomcastOptions>;

/** The options with their defaults filled in. */
export type Settings = RoomcastOptions & Required<Pick<RoomcastOptions, keyof typeof DEFAULTS>>;

const MINUTE = 60_000;

/** The least and the most that each number may be. */
const LIMITS: Readonly<Record<keyof typeof DEFAULTS, readonly [number, number]>> = {
  connectTimeout: [1, 10 * MINUTE],
  retryBase: [1, 60 * MINUTE],
  retryMax: [1, 60 * MINUTE],
  minUptime: [0, 60 * MINUTE],
  requestTimeout: [1, MINUTE],
  maxQueued: [1, Infinity],
  pingInterval: [1000, 10 * MINUTE],
  holeWait: [1, MINUTE],
  rolloverAfter: [1, 120 * MINUTE],
  cursorInterval: [0, MINUTE],
};

/**
 * Fills in the defaults. An option given as undefined counts as left out.
 * Throws a TypeError without a url, and a RangeError on a number that is out of its limits.
 */
export function settings(options: RoomcastOptions): Settings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const all = { ...DEFAULTS, ...(Object.fromEntries(given) as unknown as RoomcastOptions) };
  if (typeof all.url !== "string" && typeof all.url !== "function") throw new TypeError("option url must be a string or a function");
  for (const [name, [least, most]] of Object.entries(LIMITS)) {
    const value: unknown = all[name as keyof typeof LIMITS];
    if (typeof value === "number" && value >= least && value <= most) continue;
    throw new RangeError(`option ${name} must be a number from ${least} to ${most}, got ${String(value)}`);
  }
  return all;
}
