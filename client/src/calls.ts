import { RoomcastError } from "./errors.js";
import type { Replies } from "./frames.js";
import type { Outgoing } from "./outgoing.js";
import { Request, type Transport } from "./request.js";

/** The pending requests other than messages. */
export class Calls {
  readonly #transport: Transport;
  readonly #timeout: number;
  readonly #maxQueued: number;
  readonly #requests = new Set<Request<keyof Replies>>();

  /** Makes calls that may take `timeout` milliseconds each, with `maxQueued` pending at a time. */
  constructor(transport: Transport, timeout: number, maxQueued: number) {
    this.#transport = transport;
    this.#timeout = timeout;
    this.#maxQueued = maxQueued;
  }

  /** Sends a request until it is answered, and resolves with the reply. If it names a room, the connection has to be in it. */
  async call<A extends keyof Replies>(sent: Outgoing<A>): Promise<Replies[A]> {
    if (this.#requests.size >= this.#maxQueued) {
      throw new RoomcastError("queue_full", `${this.#maxQueued} requests have no reply yet`);
    }
    const request = new Request(sent);
    this.#requests.add(request as unknown as Request<keyof Replies>);
    const timer = setTimeout(() => {
      request.fail(request.lastError ?? new RoomcastError("timeout", `no reply to ${sent.action} within ${this.#timeout} ms`));
    }, this.#timeout);
    void request.send(this.#transport);
    try {
      return await request.reply;
    } finally {
      clearTimeout(timer);
      this.#requests.delete(request as unknown as Request<keyof Replies>);
    }
  }

  /** Gives up the requests about a room that the client may no longer be in. */
  refuse(roomId: string, error: RoomcastError): void {
    for (const request of this.#requests) if (request.roomId === roomId) request.refuse(error);
  }

  /** Gives up everything. */
  close(error: RoomcastError): void {
    for (const request of this.#requests) request.fail(error);
  }
}
