import { backoff, MAX_TIMEOUT } from "./backoff.js";
import type { Connection } from "./connection.js";
import { RoomcastError } from "./errors.js";
import type { RefreshedFrame } from "./frames.js";
import { describe } from "./json.js";
import type { Settings } from "./options.js";
import { outgoing } from "./outgoing.js";
import { checkToken, expired, expiryOf } from "./token.js";

/** A token is replaced this many milliseconds before it expires, or at half of its remaining life, and a random part of half of that earlier. */
const EARLY = 30_000;
/** Refreshes of one connection are at least this many milliseconds apart, whatever the tokens say. */
const LEAST_GAP = 1000;

/** What a Refresher reports to its owner. */
export interface RefresherListener {
  /** The connection has a new token. */
  refreshed(frame: RefreshedFrame, connection: Connection): void;
  /** There is no new token, or it was refused. */
  failed(error: RoomcastError): void;
  /** The token has expired, and there is no other one. */
  ended(error: RoomcastError): void;
}

/**
 * Replaces the token of one connection before it expires, and when the server
 * says that it has.
 */
export class Refresher {
  readonly #connection: Connection;
  readonly #settings: Settings;
  readonly #listener: RefresherListener;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  /** When the last refresh was done. */
  #done = -Infinity;
  /** Whether the server refused two tokens: a third is left to the next connection. */
  #refused = false;

  /** Makes the refresher of a connection that was opened with a token, if with any. */
  constructor(connection: Connection, settings: Settings, listener: RefresherListener, token: string | undefined) {
    this.#connection = connection;
    this.#settings = settings;
    this.#listener = listener;
    if (token !== undefined) this.#plan(expiryOf(token));
  }

  /** The server says that the token has expired. */
  expired({ message }: { readonly message: string }): void {
    const { token, url } = this.#settings;
    this.#connection.expired = true;
    if (typeof token === "function") void this.refresh();
    // The next URL may hold a newer token.
    else if (token === undefined && typeof url === "function") this.#connection.replace();
    else this.#listener.ended(expired(message));
  }

  /** Replaces the token, once for all calls meanwhile; resolves when that is done or the connection is gone. */
  refresh(): Promise<void> {
    if (this.#refused) this.#connection.replace();
    if (this.#connection.closed) return Promise.resolve();
    clearTimeout(this.#timer);
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Stops: the connection is gone. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    const connection = this.#connection;
    const { retryBase, retryMax } = this.#settings;
    await connection.sleep(Math.max(0, Math.min(LEAST_GAP, this.#done + LEAST_GAP - Date.now())));
    let refusals = 0;
    for (let retry = 1; !connection.closed; retry++) {
      try {
        const token = await this.#ask();
        const frame = await connection.request(outgoing("refresh", { token }));
        return this.#refreshed(frame, token);
      } catch (reason) {
        if (connection.closed) return;
        const error = reason as RoomcastError;
        if (error.reaction === "retry") {
          if (error.code === "refresh_failed") this.#listener.failed(error);
          await connection.sleep((error.retryAfterMs ?? 0) + backoff(retry, retryBase, retryMax));
          continue;
        }
        this.#listener.failed(error);
        if (error.code !== "bad_token" || ++refusals > 1) return this.#giveUp();
        await connection.sleep(retryMax * (0.5 + 0.5 * Math.random()));
      }
    }
  }

  /** Asks for a token, which may take as long as connecting. */
  async #ask(): Promise<string> {
    const { token, tokenInQuery, connectTimeout } = this.#settings;
    const late = this.#connection.sleep(connectTimeout).then(() => {
      throw new Error(`the option token gave no token within ${connectTimeout} ms`);
    });
    const asked = async () => (typeof token === "function" ? token() : token);
    try {
      return checkToken(await Promise.race([asked(), late]), tokenInQuery);
    } catch (reason) {
      throw new RoomcastError("refresh_failed", `no new token for the connection: ${describe(reason)}`, undefined, reason);
    }
  }

  #refreshed(frame: RefreshedFrame, token: string): void {
    this.#done = Date.now();
    this.#connection.expired = false;
    this.#plan(typeof frame.expiresAt === "number" ? frame.expiresAt : expiryOf(token));
    this.#listener.refreshed(frame, this.#connection);
  }

  /** Uses the connection for as long as the server accepts frames on it. */
  #giveUp(): void {
    this.#refused = true;
    if (this.#connection.expired) this.#connection.replace();
  }

  /** Plans the next refresh. With a wrong clock it may come too late: then the server says that the token has expired. */
  #plan(expiry: number | undefined): void {
    clearTimeout(this.#timer);
    const left = (expiry ?? 0) - Date.now();
    if (left <= 0 || typeof this.#settings.token !== "function" || this.#connection.closed) return;
    const early = Math.min(EARLY, left / 2) * (1 + 0.5 * Math.random());
    this.#timer = setTimeout(() => void this.refresh(), Math.min(MAX_TIMEOUT, left - early));
  }
}
