import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { WebSocketServer } from "ws";

import { Backend, type Peer } from "./backend.js";

/** The backend over real sockets. */
export class FakeServer extends Backend {
  /** The port that it listens on, or did. */
  readonly port: number;
  readonly #server: WebSocketServer;

  private constructor(server: WebSocketServer) {
    super();
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (socket, { url = "/", headers }) => {
      const query = new URL(url, "ws://server").searchParams;
      const peer: Peer = {
        userId: query.get("userId") ?? "",
        rooms: new Set(query.getAll("roomId")),
        url,
        protocols: headers["sec-websocket-protocol"]?.split(",") ?? [],
        write: (text) => socket.send(text),
        cut: () => socket.terminate(),
      };
      this.connect(peer);
      socket.on("close", () => this.peers.delete(peer));
      socket.on("message", (data) => this.receive(String(data), peer));
    });
  }

  /** Starts a server on a free port of the loopback interface, or on the given one. */
  static async start(port = 0): Promise<FakeServer> {
    const server = new WebSocketServer({ host: "127.0.0.1", port, handleProtocols: (offered) => offered.has("roomcast") && "roomcast" });
    await once(server, "listening");
    return new FakeServer(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/prod`;
  }

  /** Stops listening and cuts every connection. */
  async stop(): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
