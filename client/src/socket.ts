import ReconnectingWebSocket from "partysocket/ws";

import { backoff } from "./backoff.js";
import { RoomcastError } from "./errors.js";
import { describe } from "./json.js";
import { checkUrl, type Settings } from "./options.js";
import { checkToken, ended, endOf, SUBPROTOCOL } from "./token.js";

/** What a Socket tells its owner. */
export interface SocketListener {
  /** A connection is open. */
  opened(): void;
  /** A text frame came. */
  received(text: string): void;
  /** The connection is gone or an attempt failed, once for each; another attempt follows. `oversize` when a frame was too large. */
  lost(oversize: boolean): void;
  /** Why that was, right after it; `url` is where the attempt went, if it got so far. */
  failed(error: RoomcastError, url: string | undefined): void;
  /** The token has ended, and nothing gives another one: no attempt follows. */
  ended(error: RoomcastError): void;
}

/** Where an attempt to connect goes, and what it offers there. */
interface Target {
  readonly url: string;
  readonly protocols: string[] | null;
}

/** The close code of a server that was sent a frame which is too large. */
const MESSAGE_TOO_BIG = 1009;
/** API Gateway takes a path and query of so many characters. */
const MAX_URL = 4096;
/** An attempt that is younger than this, in milliseconds, has a chance still when the network is back. */
const FRESH = 250;

/** So many milliseconds after its end the server may still take a token: clocks differ. */
const LEEWAY = 10_000;

/** The target of a socket that was closed: partysocket drops it. */
const NOWHERE: Target = { url: "", protocols: null };

/**
 * A socket that comes back after every loss until it is closed.
 *
 * partysocket makes the connections. Its own delay between them has no jitter,
 * so it is set to zero, and the wait happens where it asks for the next URL. It
 * asks for the subprotocols right after that.
 */
export class Socket {
  readonly #settings: Settings;
  readonly #socket: ReconnectingWebSocket;
  #target: Promise<Target> = Promise.resolve(NOWHERE);
  #token: string | undefined;
  #retries = -1;
  #openedAt: number | undefined;
  #skipWait = () => {};
  /** Ends the wait before an attempt; undefined while there is none. */
  #hurry: (() => void) | undefined;
  #url: string | undefined;
  #triedAt = 0;
  /** Whether a provider is being asked, */
  #asking = false;
  /** and whether the answer is of no use any more, because the attempt is made anew. */
  #anew = false;
  #closed = false;
  /** Whether an attempt is under way or a connection open, whose end is to be told. */
  #live = false;
  #opened = false;
  /** What the attempt or the connection broke of, where that is known. */
  #cause: unknown;
  readonly #listener: SocketListener;

  /** Starts to connect. */
  constructor(settings: Settings, listener: SocketListener) {
    this.#settings = settings;
    this.#listener = listener;
    const nextUrl = () => (this.#target = this.#nextTarget()).then(({ url }) => url);
    const protocols = () => this.#target.then((target) => target.protocols);
    this.#socket = new ReconnectingWebSocket(nextUrl, protocols, {
      WebSocket: settings.WebSocket,
      connectionTimeout: settings.connectTimeout,
      minReconnectionDelay: 0,
      maxEnqueuedMessages: 0,
    });
    this.#socket.addEventListener("open", () => {
      this.#openedAt = Date.now();
      this.#opened = true;
      listener.opened();
    });
    this.#socket.addEventListener("message", (event) => {
      if (typeof event.data === "string") listener.received(event.data);
    });
    this.#socket.addEventListener("close", ({ code, reason }) => {
      this.#lost(new Error(`closed with code ${code} ${reason}`.trimEnd()), code === MESSAGE_TOO_BIG);
    });
    // It comes after a close, and knows more. A URL provider that fails gives an error and no close.
    this.#socket.addEventListener("error", ({ message, error }) => {
      this.#cause ??= message === "TIMEOUT" ? new Error(`not open within ${settings.connectTimeout} ms`) : (error as unknown);
      this.#lost(undefined);
    });
  }

  /** Sends a text frame; it is dropped when no connection is open. */
  send(text: string): void {
    this.#socket.send(text);
  }

  /** How many bytes were sent that the network has not taken yet. */
  get backlog(): number {
    return this.#socket.bufferedAmount;
  }

  /** The token of the newest attempt, if it has one. */
  get token(): string | undefined {
    return this.#token;
  }

  /** Gives up the connection, which is of no use any more, for a new one. */
  replace(): void {
    this.#socket.reconnect();
    // partysocket does not tell the end of a socket that was closing already.
    this.#lost(new Error("given up: the server did not answer, or does not know it"));
  }

  /**
   * Makes the next attempt at once, because the network may be back. One that
   * is under way is made anew where `online` says so: what it sent may be lost.
   */
  hurry(online: boolean): void {
    if (this.#hurry !== undefined) {
      this.#retries = 0;
      this.#hurry();
    } else if (online && this.#live && !this.#opened && Date.now() - this.#triedAt > FRESH) {
      this.#retries = -1;
      // partysocket makes no other attempt before a provider has answered or failed.
      if (this.#asking) this.#stopAsking();
      else this.replace();
    }
  }

  #stopAsking(): void {
    this.#anew = true;
    this.#skipWait();
  }

  /** Closes for good. */
  close(): void {
    this.#closed = true;
    this.#socket.close();
    this.#skipWait();
  }

  async #nextTarget(): Promise<Target> {
    if (this.#closed) return NOWHERE;
    if (this.#refusedForGood) {
      this.#listener.ended(ended("the token has ended"));
      return NOWHERE;
    }
    const { retryBase, retryMax, minUptime } = this.#settings;
    if (this.#openedAt !== undefined && Date.now() - this.#openedAt >= minUptime) this.#retries = 0;
    this.#openedAt = undefined;
    this.#retries++;
    if (this.#retries > 0) {
      const wait = this.#wait(backoff(this.#retries, retryBase, retryMax));
      this.#hurry = this.#skipWait;
      await wait;
      this.#hurry = undefined;
    }
    if (this.#closed) return NOWHERE;
    this.#live = true;
    this.#url = undefined;
    this.#triedAt = Date.now();
    this.#anew = false;
    this.#opened = false;
    this.#cause = undefined;
    try {
      return await this.#askForTarget();
    } catch (reason) {
      if (this.#closed) return NOWHERE;
      this.#cause = reason;
      // partysocket gives up for good on what is no Error, or has a message that is no text.
      throw new Error(describe(reason));
    }
  }

  /**
   * Whether the last attempt failed with a token that has ended, and the next
   * would have the same. Only then: this clock may be wrong, and as long as the
   * server takes the token it is good.
   */
  get #refusedForGood(): boolean {
    if (typeof this.#settings.token !== "string" || this.#token === undefined || this.#opened) return false;
    return (endOf(this.#token) ?? Infinity) + LEEWAY < Date.now();
  }

  async #askForTarget(): Promise<Target> {
    const { url, userId, token, tokenIn } = this.#settings;
    const target = checkUrl(await this.#inTime("URL", url));
    if (userId !== undefined) target.searchParams.set("userId", userId);
    let protocols: string[] | null = null;
    if (token !== undefined && !this.#closed) {
      this.#token = checkToken(await this.#inTime("token", token), tokenIn);
      if (tokenIn === "subprotocol") protocols = [SUBPROTOCOL, this.#token];
      else target.searchParams.set("token", this.#token);
    }
    const { length } = target.pathname + target.search;
    if (length > MAX_URL) throw new Error(`the URL has ${length} characters after the host, more than the ${MAX_URL} that API Gateway takes`);
    this.#url = target.href;
    return { url: target.href, protocols };
  }

  /** Asks a provider, which may take as long as connecting: partysocket's own limit begins with the WebSocket. */
  async #inTime(what: string, provider: string | (() => string | Promise<string>)): Promise<string> {
    if (typeof provider === "string") return provider;
    const { connectTimeout } = this.#settings;
    const late = this.#wait(connectTimeout).then(() => {
      throw new Error(this.#anew ? `the ${what} provider is asked anew, because the network is back` : `the ${what} provider gave no ${what} within ${connectTimeout} ms`);
    });
    this.#asking = true;
    try {
      return await Promise.race([provider(), late]);
    } finally {
      this.#asking = false;
      late.catch(() => undefined);
      this.#skipWait();
    }
  }

  /** Tells the end of an attempt or a connection, unless that is told. */
  #lost(cause: Error | undefined, oversize = false): void {
    if (!this.#live) return;
    this.#live = false;
    const opened = this.#opened;
    const url = this.#url;
    this.#listener.lost(oversize);
    // An error event may still say more than the close.
    queueMicrotask(() => {
      const why = this.#cause ?? cause;
      const said = describe(why);
      const text = this.#withoutToken(said);
      const shown = text === said ? why : undefined;
      const error = opened
        ? new RoomcastError("connection_lost", `the connection broke: ${text}`, undefined, shown)
        : new RoomcastError("connect_failed", `the connection could not be opened: ${text}`, undefined, shown);
      this.#listener.failed(error, url);
    });
  }

  /** What a WebSocket class says may hold the URL, and so the token. */
  #withoutToken(text: string): string {
    const secrets = this.#url === undefined ? [] : [new URL(this.#url).search.slice(1)];
    if (this.#token !== undefined) secrets.push(this.#token, encodeURIComponent(this.#token));
    return secrets.reduce((shown, secret) => (secret === "" ? shown : shown.replaceAll(secret, "…")), text);
  }

  /** Waits so many milliseconds, or until the wait is skipped. */
  #wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#skipWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
