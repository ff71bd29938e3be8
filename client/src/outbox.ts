import { RoomcastError } from "./errors.js";
import type { MessageAck } from "./frames.js";
import type { Outgoing } from "./outgoing.js";
import { Request, type Transport } from "./request.js";

/**
 * For how long a message is sent again, in milliseconds from the first time. The
 * server knows a clientId for 5 minutes; after that a copy would be a second
 * message. The last copy is sent early enough to be answered by then, so that the
 * room's next message does not overtake it.
 */
const RESEND_FOR = 4.5 * 60_000;

interface Send {
  readonly frame: string;
  readonly request: Request<"sendMessage">;
  /** Gives it up if it was not sent in time. Cleared by the first transmission. */
  timer?: ReturnType<typeof setTimeout>;
}

/** The limits of an Outbox. */
export interface OutboxLimits {
  /** How many messages may be pending. */
  readonly maxQueued: number;
  /** How many milliseconds a reply may take. */
  readonly requestTimeout: number;
  /** How many milliseconds a message may wait to be sent for the first time. */
  readonly queueTimeout: number;
}

/**
 * The pending messages, by room.
 *
 * API Gateway may run two frames of one connection concurrently, so that the
 * second overtakes the first. So at most one message of a room is under way; the
 * next is sent when it is answered.
 */
export class Outbox {
  readonly #transport: Transport;
  readonly #limits: OutboxLimits;
  readonly #rooms = new Map<string, Send[]>();
  #size = 0;

  /** Makes an empty outbox. */
  constructor(transport: Transport, limits: OutboxLimits) {
    this.#transport = transport;
    this.#limits = limits;
  }

  /** Adds a message after those of its room. Resolves with its ack. */
  add(roomId: string, message: Outgoing<"sendMessage">): Promise<MessageAck> {
    const { maxQueued, queueTimeout } = this.#limits;
    const queue = this.#rooms.get(roomId) ?? [];
    // Sent again by the application while it is pending.
    const same = queue.find(({ frame, request }) => frame === message.text && !request.done);
    if (same !== undefined) return same.request.reply;
    if (this.#size >= maxQueued) {
      return Promise.reject(new RoomcastError("queue_full", `${maxQueued} messages have no ack yet`));
    }
    const request = new Request(message);
    const send: Send = { frame: message.text, request };
    send.timer = setTimeout(() => this.#unsent(queue, send), queueTimeout);
    queue.push(send);
    this.#size++;
    if (queue.length === 1) {
      this.#rooms.set(roomId, queue);
      void this.#run(roomId, queue);
    }
    return request.reply;
  }

  /** Resolves when the messages that are pending in a room now are answered. */
  async answered(roomId: string): Promise<void> {
    await Promise.allSettled((this.#rooms.get(roomId) ?? []).map(({ request }) => request.reply));
  }

  /** Gives up the messages to a room that the client may no longer be in. */
  refuse(roomId: string, error: RoomcastError): void {
    for (const { request } of this.#rooms.get(roomId) ?? []) request.refuse(error);
  }

  /** Gives up everything. */
  close(error: RoomcastError): void {
    for (const { request, timer } of [...this.#rooms.values()].flat()) {
      clearTimeout(timer);
      request.fail(error);
    }
  }

  /** Gives up a message that was never sent. */
  #unsent(queue: Send[], send: Send): void {
    const { queueTimeout } = this.#limits;
    // The first one is removed by the loop that sends it.
    if (queue[0] !== send) {
      queue.splice(queue.indexOf(send), 1);
      this.#size--;
    }
    send.request.fail(new RoomcastError("timeout", `the message was not sent within ${queueTimeout} ms`));
  }

  /** Sends a room's messages one after the other, until none is left. */
  async #run(roomId: string, queue: Send[]): Promise<void> {
    for (let [send] = queue; send !== undefined; [send] = queue) {
      await this.#send(send);
      clearTimeout(send.timer);
      queue.shift();
      this.#size--;
    }
    this.#rooms.delete(roomId);
  }

  /** Sends a message until it is answered, refused, or too old to be sent again. */
  async #send(send: Send): Promise<void> {
    const { request } = send;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let first: number | undefined;
    const expire = () => request.expire(`no ack ${RESEND_FOR / 1000} s after the message was first sent`);
    void request.send(this.#transport, () => {
      clearTimeout(send.timer);
      first ??= Date.now();
      timer ??= setTimeout(expire, RESEND_FOR);
      const age = Date.now() - first;
      // The timer may be late: it stops while the machine sleeps.
      if (age >= RESEND_FOR) expire();
      return age <= RESEND_FOR - this.#limits.requestTimeout;
    });
    await request.reply.catch(() => undefined);
    clearTimeout(timer);
  }
}
