import { abortable, type CallOptions } from "./abort.js";
import { checkIds, reading } from "./checks.js";
import { Engine } from "./engine.js";
import { closed } from "./errors.js";
import type { ConnectionState, RoomcastEvents } from "./events.js";
import type { Frame, Json } from "./frames.js";
import { checkWebSocket, settings, type RoomcastOptions } from "./options.js";
import { checkTimeout, notify, outgoing, own } from "./outgoing.js";
import type { SendOptions } from "./request.js";
import { Room } from "./room.js";
import { receiptOf, type NotificationReceipt } from "./types.js";

/**
 * A connection to a Roomcast WebSocket API, as one user. It connects when it is
 * made, again after every loss, joins its rooms again and fetches what was sent
 * meanwhile.
 *
 * Promises are rejected with a RoomcastError. A call without a connection waits
 * for one.
 */
export class RoomcastClient {
  readonly #engine: Engine;
  readonly #callTimeout: number;

  /** Makes a client, which starts to connect. */
  constructor(options: RoomcastOptions) {
    const all = settings(options);
    checkWebSocket(all);
    this.#callTimeout = all.callTimeout;
    this.#engine = new Engine(all);
  }

  /** The state of the connection; `on("state", …)` reports changes. */
  get state(): ConnectionState {
    return this.#engine.state;
  }

  /** Calls the listener on every such event until the returned function is called. */
  on<Name extends keyof RoomcastEvents>(name: Name, listener: (event: RoomcastEvents[Name]) => void): () => void {
    const first = !this.#engine.events.has(name);
    const off = this.#engine.events.on(name, listener);
    if (name === "notification" && first) this.#engine.readInbox();
    return off;
  }

  /** Returns a handle for a room. It sends nothing. Throws a RoomcastError if a room cannot have that name. */
  room(roomId: string): Room {
    return new Room(roomId, this.#engine);
  }

  /** Sends a notification to one user, or to up to 100. It waits in the inbox of a user who is not connected. */
  async notify(userIds: string | readonly string[], data: Json, options?: SendOptions): Promise<NotificationReceipt> {
    const request = notify(userIds, data, options);
    return receiptOf(await abortable(options, () => this.#engine.call(request)));
  }

  /** Removes notifications from the inbox by their ids. Ids that are not in it are ignored. */
  async acknowledge(ids: string | readonly string[], options?: CallOptions): Promise<void> {
    if (this.state === "closed") throw closed();
    const list = reading("ids", () => checkIds(ids));
    await abortable(options, () => this.#engine.inbox.acknowledge(list));
  }

  /**
   * Calls a route of your own: sends a frame with the action, the fields and a
   * clientId, and resolves with the frame that repeats this clientId, whatever
   * its type. The route's function has to return such a frame.
   *
   * It is sent once, as soon as there is a connection; again only if the server
   * says that it did nothing. Rejected with the function's own error if it
   * answers with a frame of type `error`; `unknown_action` if there is no such
   * route; `unavailable` if the function failed; `timeout` after `timeout`
   * milliseconds (default: `callTimeout`); `outcome_unknown` if the connection
   * was lost. After the last three it may have been carried out.
   */
  async request<Reply extends object = Frame>(action: string, fields: object = {}, options?: SendOptions & { readonly timeout?: number }): Promise<Reply> {
    if (this.state === "closed") throw closed();
    const timeout = reading("timeout", () => checkTimeout(options?.timeout, this.#callTimeout));
    const request = own(action, fields, options);
    return abortable(options, () => this.#engine.own.send(request, timeout)) as Promise<Reply>;
  }

  /**
   * Makes sure that the connection works: one that does not answer within
   * `probeTimeout` is replaced, and a retry is made at once. Resolves when there
   * is a connection that works. The client does this itself when the network
   * may have changed.
   */
  async checkConnection(options?: CallOptions): Promise<void> {
    await abortable(options, async () => {
      // Without a reply in time the next connection is asked.
      if (!(await this.#engine.connections.check("resume"))) await this.#engine.call(outgoing("ping"));
    });
  }

  /**
   * Replaces the connection without a gap, as the client does itself every
   * `rolloverAfter`; resolves when that is done. Rejected with `timeout` after
   * `callTimeout`: the client goes on with it.
   */
  async rollover(options?: CallOptions): Promise<void> {
    if (this.state === "closed") throw closed();
    return abortable(options, () => this.#engine.connections.rollover());
  }

  /** Closes the connection. Pending calls are rejected with `closed`. */
  close(): void {
    this.#engine.end(closed());
  }
}
