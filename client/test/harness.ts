import { afterEach } from "vitest";
import { WebSocket } from "ws";

import { RoomcastClient, type ConnectionState, type RoomcastEvents, type RoomcastOptions } from "../src/index.js";
import { FakeServer } from "./fakeServer.js";

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Starts a server that is stopped after the test. */
export async function startServer(port?: number): Promise<FakeServer> {
  const server = await FakeServer.start(port);
  cleanups.push(() => server.stop());
  return server;
}

/** Makes a client with short retries that is closed after the test. */
export function connect(server: FakeServer, options: Partial<RoomcastOptions> = {}): RoomcastClient {
  const client = new RoomcastClient({ url: server.url, userId: "ada", retryBase: 20, retryMax: 50, callTimeout: options.requestTimeout ?? 10_000, WebSocket, ...options });
  cleanups.push(() => client.close());
  return client;
}

/** Resolves when the client enters the state the next time. */
export function enters(client: RoomcastClient, state: ConnectionState): Promise<void> {
  return new Promise((resolve) => {
    const off = client.on("state", (now) => {
      if (now !== state) return;
      off();
      resolve();
    });
  });
}

/** Resolves when the client is in the state, or at once when it is already. */
export async function reaches(client: RoomcastClient, state: ConnectionState): Promise<void> {
  if (client.state !== state) await enters(client, state);
}

/** Collects the client's events of one name. */
export function collect<Name extends keyof RoomcastEvents>(client: RoomcastClient, name: Name): RoomcastEvents[Name][] {
  const events: RoomcastEvents[Name][] = [];
  client.on(name, (event) => events.push(event));
  return events;
}
