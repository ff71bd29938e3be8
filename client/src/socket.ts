import { backoff } from "./backoff.js";
import { RoomcastError } from "./errors.js";
import { describe } from "./json.js";
import { checkUrl, type Settings } from "./options.js";
import { checkToken, expired, expiryOf, SUBPROTOCOL } from "./token.js";

/** What a Socket reports to its owner. */
export interface SocketListener {
  /** A connection is open. */
  opened(): void;
  /** A text frame arrived. */
  received(text: string): void;
  /** A connection or an attempt is over, once for each; another attempt follows. `oversize` if a frame was too large. */
  lost(oversize: boolean): void;
  /** Why, right after that. `url` is the address that was tried, if it was known. */
  failed(error: RoomcastError, url: string | undefined): void;
  /** The token has expired and there is no other one: no attempt follows. */
  ended(error: RoomcastError): void;
}

/** The close code of a server that received too large a frame. */
const MESSAGE_TOO_BIG = 1009;
/** API Gateway accepts this many characters of path and query. */
const MAX_URL = 4096;
/** An attempt younger than this, in milliseconds, may still succeed after the network came back. */
const FRESH = 250;
/** A connection open for this long, in milliseconds, was a success: retries start at the base again. */
const STEADY = 5_000;
/** For this long after its expiry, in milliseconds, a server may still accept a token: clocks differ. */
const LEEWAY = 10_000;

/**
 * A WebSocket that connects again after every loss until it is closed.
 *
 * It is always in one of three phases: it waits before an attempt, makes one,
 * or has an open connection. One timer serves the first two.
 */
export class Socket {
  readonly #settings: Settings;
  readonly #listener: SocketListener;
  /** Changes with every attempt, and is undefined between attempts. */
  #attempt: object | undefined;
  /** Whether the timer is that of the next attempt. */
  #waits = false;
  #webSocket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #openedAt: number | undefined;
  #triedAt = 0;
  /** How many attempts in a row have failed. */
  #failures = 0;
  /** What the attempt has not done yet, as the error of a timeout says it. */
  #missing = "";
  #token: string | undefined;
  #url: string | undefined;
  #closed = false;

  /** Starts to connect. */
  constructor(settings: Settings, listener: SocketListener) {
    this.#settings = settings;
    this.#listener = listener;
    void this.#connect();
  }

  /** Sends a text frame, or drops it if no connection is open. */
  send(text: string): void {
    if (this.#openedAt !== undefined) this.#webSocket?.send(text);
  }

  /** How many bytes wait for the network. */
  get backlog(): number {
    return this.#webSocket?.bufferedAmount ?? 0;
  }

  /** The token of the newest attempt, if it has one. */
  get token(): string | undefined {
    return this.#token;
  }

  /** Gives the connection up for a new one. */
  replace(): void {
    if (this.#attempt !== undefined) this.#end(new Error("given up: the server does not answer, or refuses it"));
  }

  /**
   * Makes the next attempt at once, because the network may be back. An attempt
   * under way is replaced if `online` is true: what it sent may be lost.
   */
  hurry(online: boolean): void {
    // A listener that learns of a failure cannot skip the wait that follows it.
    if (this.#waits) {
      clearTimeout(this.#timer);
      this.#failures = 0;
      void this.#connect();
    } else if (online && this.#attempt !== undefined && this.#openedAt === undefined && Date.now() - this.#triedAt > FRESH) {
      this.#failures = -1;
      this.#end(new Error("given up: the network is back"));
    }
  }

  /** Closes the socket permanently. */
  close(): void {
    this.#closed = true;
    this.#reset();
  }

  /** Makes one attempt. */
  async #connect(): Promise<void> {
    const { connectTimeout } = this.#settings;
    const attempt = (this.#attempt = {});
    this.#waits = false;
    this.#triedAt = Date.now();
    this.#url = undefined;
    this.#timer = setTimeout(() => this.#end(new Error(`${this.#missing} within ${connectTimeout} ms`)), connectTimeout);
    try {
      // The application's functions are not called within its own call.
      await undefined;
      if (this.#attempt !== attempt) return;
      const protocols = await this.#target();
      if (this.#attempt !== attempt) return;
      this.#missing = "not open";
      const { WebSocket: Class = WebSocket } = this.#settings;
      this.#listen(new Class(this.#url!, protocols) as WebSocket);
    } catch (reason) {
      if (this.#attempt === attempt) this.#end(reason);
    }
  }

  /** Asks for the URL and the token of an attempt. Returns the subprotocols, and leaves the URL in #url. */
  async #target(): Promise<string[] | undefined> {
    const attempt = this.#attempt;
    const { url, userId, token, tokenInQuery } = this.#settings;
    this.#missing = "the option url gave no URL";
    const target = checkUrl(typeof url === "string" ? url : await url());
    if (userId !== undefined) target.searchParams.set("userId", userId);
    let protocols: string[] | undefined;
    if (token !== undefined && this.#attempt === attempt) {
      this.#missing = "the option token gave no token";
      const given = checkToken(typeof token === "string" ? token : await token(), tokenInQuery);
      if (this.#attempt !== attempt) return undefined;
      this.#token = given;
      if (tokenInQuery) target.searchParams.set("token", given);
      else protocols = [SUBPROTOCOL, given];
    }
    const { length } = target.pathname + target.search;
    if (length > MAX_URL) throw new Error(`the URL has ${length} characters after the host: API Gateway accepts ${MAX_URL}`);
    if (this.#attempt === attempt) this.#url = target.href;
    return protocols;
  }

  /** Follows the WebSocket of the attempt until that is over. */
  #listen(webSocket: WebSocket): void {
    this.#webSocket = webSocket;
    const on = <Name extends keyof WebSocketEventMap>(name: Name, act: (event: WebSocketEventMap[Name]) => void) =>
      // The listeners stay: a socket that is closed while it connects may still report an error.
      webSocket.addEventListener(name, (event) => {
        if (this.#webSocket === webSocket) act(event);
      });
    on("open", () => {
      clearTimeout(this.#timer);
      this.#openedAt = Date.now();
      this.#listener.opened();
    });
    on("message", ({ data }) => {
      if (typeof data === "string") this.#listener.received(data);
    });
    on("close", ({ code, reason }) => this.#end(new Error(`closed with code ${code} ${reason}`.trimEnd()), code === MESSAGE_TOO_BIG));
    // Some classes say why; after a failed handshake some report no close.
    on("error", (event) => this.#end((event as { error?: unknown }).error ?? new Error("the WebSocket failed")));
  }

  /** Ends the attempt or the connection, and plans the next attempt. */
  #end(cause: unknown, oversize = false): void {
    const opened = this.#openedAt !== undefined;
    const error = this.#explain(cause, opened);
    const { retryBase, retryMax } = this.#settings;
    this.#failures = opened && Date.now() - this.#openedAt! >= STEADY ? 1 : this.#failures + 1;
    this.#reset();
    this.#listener.lost(oversize);
    this.#listener.failed(error, this.#url);
    if (this.#closed) return;
    if (!opened && this.#tokenExpired) return this.#listener.ended(expired("the token has expired"));
    if (this.#failures === 0) return void this.#connect();
    this.#waits = true;
    this.#timer = setTimeout(() => void this.#connect(), backoff(this.#failures, retryBase, retryMax));
  }

  #reset(): void {
    clearTimeout(this.#timer);
    const webSocket = this.#webSocket;
    this.#webSocket = this.#attempt = this.#openedAt = undefined;
    this.#waits = false;
    webSocket?.close();
  }

  /**
   * Whether the failed attempt had a fixed token that has expired, so that the
   * next would fail as well. It is asked only after a failure: this clock may be
   * wrong, and a token that the server accepts is good.
   */
  get #tokenExpired(): boolean {
    if (typeof this.#settings.token !== "string" || this.#token === undefined) return false;
    return (expiryOf(this.#token) ?? Infinity) + LEEWAY < Date.now();
  }

  #explain(cause: unknown, opened: boolean): RoomcastError {
    const text = describe(cause);
    const shown = this.#withoutToken(text);
    const [code, what] = opened ? (["connection_lost", "the connection broke"] as const) : (["connect_failed", "the connection could not be opened"] as const);
    return new RoomcastError(code, `${what}: ${shown}`, undefined, shown === text ? cause : undefined);
  }

  /** Removes the URL's query, which may hold the token, from what a WebSocket class says. */
  #withoutToken(text: string): string {
    const secrets = this.#url === undefined ? [] : [new URL(this.#url).search.slice(1)];
    if (this.#token !== undefined) secrets.push(this.#token, encodeURIComponent(this.#token));
    return secrets.reduce((shown, secret) => (secret === "" ? shown : shown.replaceAll(secret, "…")), text);
  }
}
