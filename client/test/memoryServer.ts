import type { WebSocketConstructor } from "../src/index.js";
import { Backend, type Peer } from "./backend.js";

/**
 * The backend in memory, for tests with fake timers: a frame takes one
 * millisecond each way.
 */
export class MemoryServer extends Backend {
  /** Whether it takes connections. */
  up = true;
  /** Whether open sockets carry frames; false is a network that went away. */
  reachable = true;
  /** Whether attempts to connect get no answer at all. */
  silent = false;
  /** How many bytes of each client wait for the network. */
  backlog = 0;
  /** When each attempt to connect was made. */
  readonly attempts: number[] = [];
  /** The WebSocket class whose sockets lead here. */
  readonly WebSocket: WebSocketConstructor;

  constructor() {
    super();
    const connect = (socket: MemorySocket) => this.#accept(socket);
    const backlog = () => this.backlog;
    this.WebSocket = class extends MemorySocket {
      constructor(url: string, protocols: string | string[] = []) {
        super(url, [protocols].flat(), connect);
      }

      get bufferedAmount(): number {
        return backlog();
      }
    };
  }

  #accept(socket: MemorySocket): void {
    this.attempts.push(Date.now());
    const { searchParams } = new URL(socket.url);
    const peer: Peer = {
      userId: searchParams.get("userId") ?? "",
      rooms: new Set(searchParams.getAll("roomId")),
      url: socket.url,
      protocols: socket.protocols,
      write: (text) => void (this.reachable && setTimeout(() => socket.take(text), 1)),
      cut: () => {
        this.peers.delete(peer);
        socket.end();
      },
    };
    setTimeout(() => {
      if (this.silent) return;
      if (!this.up || !this.admits(peer) || !socket.opens()) return socket.end();
      this.connect(peer);
      socket.onsend = (text) => void (this.reachable && setTimeout(() => this.peers.has(peer) && this.receive(text, peer), 1));
      socket.onclose = () => this.peers.delete(peer);
      socket.open();
    }, 1);
  }
}

/** A WebSocket without a network. */
class MemorySocket extends EventTarget {
  readyState = 0;
  onsend = (_: string): void => {};
  onclose = (): void => {};

  constructor(
    readonly url: string,
    readonly protocols: readonly string[],
    connect: (socket: MemorySocket) => void,
  ) {
    super();
    connect(this);
  }

  opens(): boolean {
    return this.readyState === 0;
  }

  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  take(data: string): void {
    if (this.readyState === 1) this.dispatchEvent(new MessageEvent("message", { data }));
  }

  send(text: string): void {
    this.onsend(text);
  }

  close(): void {
    this.end();
  }

  end(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose();
    this.dispatchEvent(new Event("close"));
  }
}
