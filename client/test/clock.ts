import { afterEach, beforeEach, vi } from "vitest";

import { RoomcastClient, type Message, type RoomcastOptions } from "../src/index.js";
import { MemoryServer } from "./memoryServer.js";

/** A server in memory, and clients of it, in a time that passes only in pass(). */
export function useClock() {
  const clients: RoomcastClient[] = [];
  let server = new MemoryServer();

  beforeEach(() => {
    vi.useFakeTimers();
    server = new MemoryServer();
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  return {
    /** The server of this test. */
    get server(): MemoryServer {
      return server;
    },
    /** Makes a client, which connects as soon as time passes. */
    make(options: Partial<RoomcastOptions> = {}): RoomcastClient {
      const userId = options.token === undefined ? "ada" : undefined;
      const client = new RoomcastClient({ url: "ws://server/prod", userId, callTimeout: options.requestTimeout ?? 10_000, WebSocket: server.WebSocket, ...options });
      clients.push(client);
      return client;
    },
    /** Makes a client and lets it connect. */
    async connect(options: Partial<RoomcastOptions> = {}): Promise<RoomcastClient> {
      const client = this.make(options);
      await vi.advanceTimersByTimeAsync(5);
      return client;
    },
    /** Makes a client that is in the lobby, and collects its messages. */
    async inLobby(options: Partial<RoomcastOptions> = {}): Promise<{ client: RoomcastClient; messages: Message[] }> {
      const client = await this.connect(options);
      const messages: Message[] = [];
      client.on("message", (message) => messages.push(message));
      void client.room("lobby").join();
      await this.pass(5);
      return { client, messages };
    },
    /** Lets so many milliseconds pass. */
    pass: async (milliseconds: number): Promise<void> => void (await vi.advanceTimersByTimeAsync(milliseconds)),
  };
}

/** The seqs of messages. */
export const seqs = (messages: readonly Message[]): number[] => messages.map(({ seq }) => seq);
