import { checkDropped, checkIds, checkRoomId, checkSince, reading } from "./checks.js";
import { Engine } from "./engine.js";
import { closed, type RoomcastError } from "./errors.js";
import type { ConnectionState, RoomcastEvents, RoomJoined } from "./events.js";
import type { CursorPosition, HistoryFrame, Json, MessageAck, NotifyAck, OtherFrame, PongFrame, Position, PresenceFrame } from "./frames.js";
import { checkWebSocket, settings, type RoomcastOptions } from "./options.js";
import { checkTimeout, history, move, notify, outgoing, own, presence, sendMessage } from "./outgoing.js";
import type { RequestName } from "./request.js";

/**
 * A connection to a Roomcast WebSocket API that comes back after every loss,
 * joins its rooms again and gets what was sent meanwhile.
 *
 * It connects when it is made. Requests return promises that are rejected with
 * a RoomcastError; made while there is no connection, they wait for one.
 */
export class RoomcastClient {
  readonly #engine: Engine;
  readonly #requestTimeout: number;

  /** Makes a client and starts to connect. */
  constructor(options: RoomcastOptions) {
    const all = settings(options);
    checkWebSocket(all);
    this.#requestTimeout = all.requestTimeout;
    this.#engine = new Engine(all);
  }

  /** Where the connection stands now; `on("state", …)` tells of changes. */
  get state(): ConnectionState {
    return this.#engine.state;
  }

  /** Calls the listener on every such event until the returned function is called. */
  on<Name extends keyof RoomcastEvents>(name: Name, listener: (event: RoomcastEvents[Name]) => void): () => void {
    if (typeof listener !== "function") throw new TypeError(`the listener of ${String(name)} must be a function`);
    const first = !this.#engine.events.has(name);
    const off = this.#engine.events.on(name, listener);
    if (name === "notification" && first) this.#engine.readInbox();
    return off;
  }

  /** Joins a room at its newest message: subscribe() without a position. */
  join(roomId: string): Promise<RoomJoined> {
    return this.subscribe(roomId);
  }

  /**
   * Joins a room, and joins it again on every later connection until leave().
   * Messages come as `message` events: with `since`, a position() that was
   * stored, those after it; else those that are sent from now on. In a room
   * that was joined before `since` counts for nothing: its own position is newer.
   *
   * Rejected with `timeout` when there is no answer in time, and the client
   * goes on trying; with another error when the server refuses the room.
   */
  async subscribe(roomId: string, options?: { readonly since?: Position }): Promise<RoomJoined> {
    if (this.state === "closed") throw closed();
    const since = reading("since", () => checkSince(options?.since));
    return this.#engine.rooms.join(checkRoomId(roomId), since);
  }

  /**
   * How far the room's messages were delivered; undefined before it is joined.
   * Read by a listener of `message`, it is right behind that message: stored
   * together with what the message did, it lets subscribe() go on from there.
   */
  position(roomId: string): Position | undefined {
    return this.#engine.rooms.byId.get(roomId)?.position;
  }

  /**
   * Leaves a room, after the messages to it that have no answer yet. From the
   * call on nothing more of the room is told. Joined again before that is done,
   * it is joined as for the first time.
   */
  async leave(roomId: string): Promise<void> {
    checkRoomId(roomId);
    this.#engine.cursors.stop(roomId);
    return this.#engine.rooms.leave(roomId);
  }

  /**
   * Sends a message to a room that was joined; resolves when it is in the
   * room's log. Until then it is sent again, on every later connection too. The
   * messages of one room arrive in the order of the calls.
   *
   * Rejected with the server's refusal; `queue_full`; `closed`; `not_in_room`
   * while the room is being left; `timeout` when it could not be sent at all
   * within `queueTimeout`; and, when it has no ack and cannot be sent again safely, 4 min 30 s after the first time at the latest, with the last
   * refusal, as `rate_limited`, if the server did nothing of any copy, or else
   * with `outcome_unknown`. Then look into history(), and send it under a new
   * clientId if it is not there.
   */
  async sendMessage(roomId: string, text: string, name?: RequestName): Promise<MessageAck> {
    if (this.state === "closed") throw closed();
    return this.#engine.send(roomId, sendMessage(roomId, text, name));
  }

  /** Asks for messages of a room that was joined: at most `limit` (1 to 100, default 50) before the seq `before` (default: the newest). */
  async history(roomId: string, page?: { readonly before?: number; readonly limit?: number }): Promise<HistoryFrame> {
    return this.#engine.call(history(roomId, page));
  }

  /** Sends a notification to one user or to up to 100. It waits in the inbox of who is not connected. */
  async notify(users: string | readonly string[], notification: Json, name?: RequestName): Promise<NotifyAck> {
    return this.#engine.call(notify(users, notification, name));
  }

  /** Takes notifications out of the inbox by their ids, and so many dropped ones off the count; those that are out already do no harm. */
  async acknowledge(ids: string | readonly string[], dropped = 0): Promise<void> {
    if (this.state === "closed") throw closed();
    const list = reading("ids", () => checkIds(ids));
    await this.#engine.inbox.acknowledge(list, checkDropped(dropped));
  }

  /** Asks who is in a room that was joined. */
  async presence(roomId: string): Promise<PresenceFrame> {
    return this.#engine.call(presence(roomId));
  }

  /** Asks the server for a sign of life. The client does so by itself every `pingInterval`. */
  ping(): Promise<PongFrame> {
    return this.#engine.call(outgoing("ping"));
  }

  /**
   * Calls a route of the application's own: sends a frame with the action, the
   * fields and a clientId, and resolves with the frame that repeats this
   * clientId, whatever its type. The route's function has to return such a
   * frame, and the route a response.
   *
   * It is sent once, as soon as there is a connection; again only when the server
   * says that it did nothing. Rejected with the function's own error, if it
   * answers with a frame of type `error`; with `unknown_action` when there is no
   * such route; `unavailable` when the function failed; `timeout` after `timeout`
   * milliseconds (default `requestTimeout`); or `outcome_unknown` when the
   * connection broke. After the last three it may have been carried out.
   */
  async request<Reply extends object = OtherFrame>(
    action: string,
    fields: object = {},
    options?: RequestName & { readonly timeout?: number },
  ): Promise<Reply> {
    if (this.state === "closed") throw closed();
    const timeout = reading("timeout", () => checkTimeout(options?.timeout, this.#requestTimeout));
    return (await this.#engine.asks.ask(own(action, fields, options), timeout)) as Reply;
  }

  /** Replaces the connection by another without a gap, as the client does by itself every `rolloverAfter`; resolves when that is done. Rejected with `timeout` when it takes longer than `connectTimeout` and `requestTimeout` together: the client goes on with it. */
  rollover(): Promise<void> {
    return this.state === "closed" ? Promise.reject(closed()) : this.#engine.link.rollover();
  }

  /**
   * Shows the others in a room where this user's cursor is. May be called on
   * every mouse event: the newest position is sent every `cursorInterval`, and
   * more seldom in a room of more than 100. Those in between are dropped, and so
   * is one that comes while there is no connection. What the server would
   * refuse is not sent, and an `error` event says so.
   */
  moveCursor(roomId: string, position: CursorPosition, color?: string): void {
    try {
      const checked = move(position, color);
      if (this.#engine.rooms.wanted(checkRoomId(roomId)) !== undefined) this.#engine.cursors.move(roomId, checked);
    } catch (error) {
      this.#engine.events.emit("error", error as RoomcastError);
    }
  }

  /** Closes the connection for good. Requests without a reply are rejected. */
  close(): void {
    this.#engine.end(closed());
  }
}
