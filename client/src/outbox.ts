import { RoomcastError } from "./errors.js";
import type { MessageAck } from "./frames.js";
import { Request, type Transport } from "./request.js";

/**
 * How long a message is sent again, in milliseconds from the first time: the
 * server knows a clientId for 5 minutes, after which a copy would be a second
 * message. The last copy goes out so early that its answer is due by then: the
 * next message of the room does not overtake it.
 */
const RESEND_FOR = 4.5 * 60_000;

interface Send {
  readonly text: string;
  readonly request: Request<"sendMessage">;
}

/**
 * The messages that have no ack yet, by room.
 *
 * API Gateway may run two frames of one connection at once, so that the second
 * overtakes the first. At most one message of a room is therefore under way;
 * the next is sent when it is answered.
 */
export class Outbox {
  readonly #transport: Transport;
  readonly #maxQueued: number;
  readonly #requestTimeout: number;
  readonly #rooms = new Map<string, Send[]>();
  #size = 0;

  /** Makes an outbox that holds at most `maxQueued` messages; an answer may take `requestTimeout` milliseconds. */
  constructor(transport: Transport, maxQueued: number, requestTimeout: number) {
    this.#transport = transport;
    this.#maxQueued = maxQueued;
    this.#requestTimeout = requestTimeout;
  }

  /** Adds a message after those of its room, and promises its ack. */
  add(roomId: string, text: string, clientId?: string): Promise<MessageAck> {
    const queue = this.#rooms.get(roomId) ?? [];
    const same = queue.find((send) => send.request.clientId === clientId && send.text === text);
    // Sent again by the user while it is still on its way.
    if (same !== undefined) return same.request.reply;
    if (this.#size >= this.#maxQueued) {
      return Promise.reject(new RoomcastError("queue_full", `${this.#maxQueued} messages have no ack yet`));
    }
    const request = new Request("sendMessage", { roomId, message: text }, roomId, clientId);
    queue.push({ text, request });
    this.#size++;
    if (queue.length === 1) {
      this.#rooms.set(roomId, queue);
      void this.#run(roomId, queue);
    }
    return request.reply;
  }

  /** Resolves when the messages that are in a room's queue now have their answers. */
  async settled(roomId: string): Promise<void> {
    await Promise.allSettled((this.#rooms.get(roomId) ?? []).map(({ request }) => request.reply));
  }

  /** Gives up the messages to a room that the client may not be in any more. */
  refuse(roomId: string, error: RoomcastError): void {
    for (const { request } of this.#rooms.get(roomId) ?? []) request.refuse(error);
  }

  /** Gives up everything. */
  close(error: RoomcastError): void {
    for (const queue of this.#rooms.values()) for (const { request } of queue) request.fail(error);
  }

  /** Sends a room's messages one after the other, until none is left. */
  async #run(roomId: string, queue: Send[]): Promise<void> {
    for (let send; (send = queue[0]) !== undefined; ) {
      await this.#send(send.request);
      queue.shift();
      this.#size--;
    }
    this.#rooms.delete(roomId);
  }

  /** Sends a message until it is answered, refused, or too old to be sent again. */
  async #send(request: Request<"sendMessage">): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let first: number | undefined;
    const expire = () => request.expire(`no ack ${RESEND_FOR / 1000} s after the message was first sent`);
    void request.send(this.#transport, () => {
      first ??= Date.now();
      timer ??= setTimeout(expire, RESEND_FOR);
      const age = Date.now() - first;
      // The timer may be late: it stands still while the machine sleeps.
      if (age >= RESEND_FOR) expire();
      return age <= RESEND_FOR - this.#requestTimeout;
    });
    await request.reply.catch(() => undefined);
    clearTimeout(timer);
  }
}
