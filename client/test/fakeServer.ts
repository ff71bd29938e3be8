import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

import { WebSocket, WebSocketServer } from "ws";

/** A request as it came over the wire. */
export interface Request {
  action: string;
  clientId?: string;
  [field: string]: unknown;
}

/** One connection, seen from the server. */
export interface Peer {
  socket: WebSocket;
  userId: string;
  rooms: Set<string>;
  url: string;
}

/**
 * A small server that speaks docs/protocol.md over real sockets.
 *
 * To test something that it does not do by itself, set `intercept`: it sees
 * each request first, and the server leaves a request alone for which it
 * returns true.
 */
export class FakeServer {
  /** Sees each request first; true keeps the server from answering it. */
  intercept: (request: Request, peer: Peer) => boolean = () => false;
  /** Every request so far. */
  readonly requests: Request[] = [];
  /** Every open connection. */
  readonly peers = new Set<Peer>();
  /** How many connections were ever made. */
  connections = 0;
  /** The port that it listens on, or did. */
  readonly port: number;

  readonly #server: WebSocketServer;
  readonly #heads = new Map<string, { seq: number; epoch: string }>();
  #ids = 0;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (socket, request) => this.#accept(socket, request));
  }

  /** Starts a server on a free port of the loopback interface, or on the given one. */
  static async start(port = 0): Promise<FakeServer> {
    const server = new WebSocketServer({ host: "127.0.0.1", port });
    await once(server, "listening");
    return new FakeServer(server);
  }


  get url(): string {
    return `ws://127.0.0.1:${this.port}/prod`;
  }

  /** The requests of one action so far. */
  of(action: string): Request[] {
    return this.requests.filter((request) => request.action === action);
  }

  /** Cuts every connection without a close frame. */
  drop(): void {
    for (const peer of this.peers) peer.socket.terminate();
  }

  /** Sends a frame, or a raw text, to every connection. */
  broadcast(frame: object | string): void {
    for (const peer of this.peers) send(peer, frame);
  }

  /** Stops listening and cuts every connection. */
  async stop(): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: WebSocket, request: IncomingMessage): void {
    const query = new URL(request.url ?? "/", "ws://server").searchParams;
    const rooms = new Set(query.getAll("roomId"));
    const peer: Peer = { socket, userId: query.get("userId") ?? "", rooms, url: request.url ?? "" };
    this.connections++;
    this.peers.add(peer);
    socket.on("close", () => this.peers.delete(peer));
    socket.on("message", (data) => {
      const frame = JSON.parse(String(data)) as Request;
      this.requests.push(frame);
      if (!this.intercept(frame, peer)) this.#answer(frame, peer);
    });
  }

  #answer(request: Request, peer: Peer): void {
    const { clientId } = request;
    const roomId = String(request.roomId);
    const stamp = { id: `id${++this.#ids}`, timestamp: Date.now() };
    const needsRoom = ["sendMessage", "cursorMove", "presence"].includes(request.action);
    if (needsRoom && !peer.rooms.has(roomId)) {
      return send(peer, { type: "error", code: "not_in_room", message: `join "${roomId}" first`, clientId });
    }
    const everybody = [...this.peers];
    const members = everybody.filter((other) => other.rooms.has(roomId));
    switch (request.action) {
      case "join":
        return this.#join(request, peer, roomId);
      case "leave":
        peer.rooms.delete(roomId);
        return send(peer, { type: "left", roomId, clientId });
      case "sendMessage": {
        const head = this.#heads.get(roomId) ?? { seq: 0, epoch: stamp.id };
        const seq = ++head.seq;
        this.#heads.set(roomId, head);
        const frame = { type: "message", roomId, seq, userId: peer.userId, message: request.message, ...stamp };
        for (const member of members) send(member, frame);
        return send(peer, { type: "ack", clientId, roomId, seq, ...stamp });
      }
      case "cursorMove": {
        const { position, color } = request;
        const frame = { type: "cursor", roomId, userId: peer.userId, position, color, timestamp: stamp.timestamp };
        for (const member of members) if (member !== peer) send(member, frame);
        return;
      }
      case "notify": {
        const users = (request.userIds as string[] | undefined) ?? [String(request.userId)];
        const targets = everybody.filter((other) => users.includes(other.userId));
        const frame = { type: "notification", from: peer.userId, notification: request.notification, ...stamp };
        for (const target of targets) send(target, frame);
        return send(peer, { type: "ack", clientId, delivered: targets.length, ...stamp });
      }
      case "presence": {
        const users = [...new Set(members.map((member) => member.userId))].sort();
        return send(peer, { type: "presence", roomId, count: users.length, users, clientId });
      }
      case "ping":
        return send(peer, { type: "pong", timestamp: stamp.timestamp, clientId });
    }
  }

  #join(request: Request, peer: Peer, roomId: string): void {
    peer.rooms.add(roomId);
    const { seq, epoch } = this.#heads.get(roomId) ?? { seq: 0, epoch: "" };
    const recovered = request.epoch === epoch && request.since === seq;
    send(peer, { type: "joined", roomId, seq, epoch, recovered, messages: [], clientId: request.clientId });
  }
}

/** Sends a frame, or a raw text, to one connection. */
export function send(peer: Peer, frame: object | string): void {
  peer.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
}
