import ReconnectingWebSocket from "partysocket/ws";

import { backoff } from "./backoff.js";
import type { Settings } from "./options.js";

/** What a Socket tells its owner. */
export interface SocketListener {
  /** A connection is open. */
  opened(): void;
  /** A text frame came. */
  received(text: string): void;
  /** The connection is gone or an attempt failed; another attempt follows. */
  lost(): void;
}

/**
 * A socket that comes back after every loss until it is closed.
 *
 * partysocket makes the connections. Its own delay between them has no jitter,
 * so it is set to zero, and the wait happens where it asks for the next URL.
 */
export class Socket {
  readonly #settings: Settings;
  readonly #socket: ReconnectingWebSocket;
  #retries = -1;
  #openedAt: number | undefined;
  #skipWait = () => {};
  #closed = false;

  constructor(settings: Settings, listener: SocketListener) {
    this.#settings = settings;
    this.#socket = new ReconnectingWebSocket(() => this.#nextUrl(), undefined, {
      WebSocket: settings.WebSocket,
      connectionTimeout: settings.connectTimeout,
      minReconnectionDelay: 0,
      maxEnqueuedMessages: 0,
    });
    this.#socket.addEventListener("open", () => {
      this.#openedAt = Date.now();
      listener.opened();
    });
    this.#socket.addEventListener("message", (event) => {
      if (typeof event.data === "string") listener.received(event.data);
    });
    this.#socket.addEventListener("close", () => listener.lost());
    // A URL provider that fails gives an error and no close.
    this.#socket.addEventListener("error", () => listener.lost());
  }

  /** Sends a text frame; it is dropped when no connection is open. */
  send(text: string): void {
    this.#socket.send(text);
  }

  /** Gives up the connection, which is of no use any more, for a new one. */
  replace(): void {
    this.#socket.reconnect();
  }

  /** Closes for good. */
  close(): void {
    this.#closed = true;
    this.#socket.close();
    this.#skipWait();
  }

  async #nextUrl(): Promise<string> {
    // partysocket drops the URL of a socket that was closed meanwhile.
    if (this.#closed) return "";
    const { url, userId, retryBase, retryMax, minUptime } = this.#settings;
    if (this.#openedAt !== undefined && Date.now() - this.#openedAt >= minUptime) this.#retries = 0;
    this.#openedAt = undefined;
    this.#retries++;
    if (this.#retries > 0) await this.#wait(backoff(this.#retries, retryBase, retryMax));
    if (this.#closed) return "";
    const target = new URL(typeof url === "string" ? url : await url());
    if (userId !== undefined) target.searchParams.set("userId", userId);
    return target.href;
  }

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
