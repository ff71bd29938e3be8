import { Asks } from "./asks.js";
import { Calls } from "./calls.js";
import { checkDropped, checkIds, checkRoomId, checkSince, reading } from "./checks.js";
import type { Connection } from "./connection.js";
import { Cursors } from "./cursors.js";
import { Emitter } from "./emitter.js";
import { closed, errorAction, RoomcastError } from "./errors.js";
import type { ConnectionState, RoomcastEvents, RoomJoined } from "./events.js";
import type { CursorPosition, HistoryFrame, Json, MessageAck, NotifyAck, OtherFrame, PongFrame, Position, PresenceFrame, Replies, ServerFrame } from "./frames.js";
import { Heartbeat } from "./heartbeat.js";
import { Inbox } from "./inbox.js";
import { Link } from "./link.js";
import { checkWebSocket, settings, type RoomcastOptions } from "./options.js";
import { Outbox } from "./outbox.js";
import { checkTimeout, history, move, notify, outgoing, own, presence, sendMessage, type Outgoing } from "./outgoing.js";
import { Diagnosis } from "./problem.js";
import type { RequestName, Transport } from "./request.js";
import { Rooms } from "./rooms.js";
import { Signal } from "./signal.js";

/**
 * A connection to a Roomcast WebSocket API that comes back after every loss,
 * joins its rooms again and gets what was sent meanwhile.
 *
 * It connects when it is made. Requests return promises that are rejected with
 * a RoomcastError; made while there is no connection, they wait for one.
 */
export class RoomcastClient {
  readonly #events = new Emitter<RoomcastEvents>();
  readonly #changed = new Signal();
  readonly #rooms: Rooms;
  readonly #link: Link;
  readonly #outbox: Outbox;
  readonly #calls: Calls;
  readonly #heartbeat: Heartbeat;
  readonly #inbox: Inbox;
  readonly #cursors: Cursors;
  readonly #asks: Asks;
  readonly #requestTimeout: number;
  #stopListening = (): void => {};

  /** Makes a client and starts to connect. */
  constructor(options: RoomcastOptions) {
    const all = settings(options);
    checkWebSocket(all);
    this.#rooms = new Rooms(all, {
      message: (message) => this.#events.emit("message", message),
      joined: (joined) => this.#events.emit("joined", joined),
      failed: (error) => this.#events.emit("error", error),
      left: (left) => this.#events.emit("left", left),
      refused: (roomId, error) => {
        this.#cursors.stop(roomId);
        this.#outbox.refuse(roomId, error);
        this.#calls.refuse(roomId, error);
      },
      counted: (roomId, members) => this.#cursors.counted(roomId, members),
      changed: () => this.#changed.notify(),
      connections: () => this.#link.connections,
      settled: (roomId) => this.#outbox.settled(roomId),
    });
    const transport: Transport = {
      connection: (roomId) => {
        const connection = this.#usable();
        return connection !== undefined && roomId !== undefined && this.#rooms.waits(roomId, connection) ? undefined : connection;
      },
      rejoin: (roomId, connection) => {
        const room = this.#rooms.present(roomId);
        void room?.enter(connection);
        return room !== undefined;
      },
      changed: this.#changed,
      retryBase: all.retryBase,
      retryMax: all.retryMax,
    };
    this.#requestTimeout = all.requestTimeout;
    this.#outbox = new Outbox(transport, all);
    this.#asks = new Asks(transport, all.maxQueued);
    this.#calls = new Calls(transport, all.requestTimeout, all.maxQueued);
    this.#heartbeat = new Heartbeat(all.pingInterval, this.#rooms.byId, (error) => this.#events.emit("error", error));
    this.#cursors = new Cursors(all.cursorInterval, (roomId) => {
      const connection = this.#usable();
      return connection?.joined.has(roomId) ? connection : undefined;
    });
    this.#inbox = new Inbox({
      fetch: (since) => this.#call(outgoing("inbox", { since })),
      acknowledge: (ids, droppedUpTo) => this.#call(outgoing("ackNotification", { ids, droppedUpTo })),
      notification: (notification) => this.#events.emit("notification", notification),
      dropped: (count) => this.#events.emit("dropped", count),
      failed: (error) => this.#unread(error, all.retryMax),
    });
    const diagnosis = new Diagnosis((problem) => {
      if (this.state === "closed") return;
      // Without a listener nobody would know why the client goes on connecting.
      if (!this.#events.has("problem")) console.warn(`roomcast: cannot connect: ${problem.reason}; ${problem.hint}`);
      this.#events.emit("problem", problem);
    });
    this.#link = new Link(all, {
      enter: (connection) => (this.#changed.notify(), this.#rooms.enter(connection)),
      used: (connection) => {
        diagnosis.opened();
        this.#changed.notify();
        this.#heartbeat.start(connection);
        this.#readInbox();
      },
      ready: (connection) => {
        this.#changed.notify();
        // One that the application joined in the moment of a rollover.
        void this.#rooms.enter(connection);
      },
      unused: () => this.#heartbeat.stop(),
      tookOver: (connection) => this.#rooms.announce(connection),
      refreshed: ({ left = [] }, connection) => {
        this.#changed.notify();
        this.#rooms.revoke(left, connection);
      },
      ended: (error) => {
        this.#events.emit("error", error);
        this.#end(error);
      },
      failed: (error, url) => {
        this.#events.emit("error", error);
        if (error.code === "connect_failed" && this.state !== "open") void diagnosis.failed(error, url);
      },
      other: (frame) => this.#events.emit("frame", frame),
      received: (frame, connection) => this.#dispatch(frame, connection),
      state: (state) => this.#events.emit("state", state),
    });
    this.#stopListening = all.network((change) => this.#link.check(change));
  }

  /** Where the connection stands now; `on("state", …)` tells of changes. */
  get state(): ConnectionState {
    return this.#link.state;
  }

  /** Calls the listener on every such event until the returned function is called. */
  on<Name extends keyof RoomcastEvents>(name: Name, listener: (event: RoomcastEvents[Name]) => void): () => void {
    if (typeof listener !== "function") throw new TypeError(`the listener of ${String(name)} must be a function`);
    const first = !this.#events.has(name);
    const off = this.#events.on(name, listener);
    if (name === "notification" && first) this.#readInbox();
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
    return this.#rooms.join(checkRoomId(roomId), since);
  }

  /**
   * How far the room's messages were delivered; undefined before it is joined.
   * Read by a listener of `message`, it is right behind that message: stored
   * together with what the message did, it lets subscribe() go on from there.
   */
  position(roomId: string): Position | undefined {
    return this.#rooms.byId.get(roomId)?.position;
  }

  /**
   * Leaves a room, after the messages to it that have no answer yet. From the
   * call on nothing more of the room is told. Joined again before that is done,
   * it is joined as for the first time.
   */
  async leave(roomId: string): Promise<void> {
    checkRoomId(roomId);
    this.#cursors.stop(roomId);
    return this.#rooms.leave(roomId);
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
    return this.#send(roomId, sendMessage(roomId, text, name));
  }

  /** Asks for messages of a room that was joined: at most `limit` (1 to 100, default 50) before the seq `before` (default: the newest). */
  async history(roomId: string, page?: { readonly before?: number; readonly limit?: number }): Promise<HistoryFrame> {
    return this.#call(history(roomId, page));
  }

  /** Sends a notification to one user or to up to 100. It waits in the inbox of who is not connected. */
  async notify(users: string | readonly string[], notification: Json, name?: RequestName): Promise<NotifyAck> {
    return this.#call(notify(users, notification, name));
  }

  /** Takes notifications out of the inbox by their ids, and so many dropped ones off the count; those that are out already do no harm. */
  async acknowledge(ids: string | readonly string[], dropped = 0): Promise<void> {
    if (this.state === "closed") throw closed();
    const list = reading("ids", () => checkIds(ids));
    await this.#inbox.acknowledge(list, checkDropped(dropped));
  }

  /** Asks who is in a room that was joined. */
  async presence(roomId: string): Promise<PresenceFrame> {
    return this.#call(presence(roomId));
  }

  /** Asks the server for a sign of life. The client does so by itself every `pingInterval`. */
  ping(): Promise<PongFrame> {
    return this.#call(outgoing("ping"));
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
    return (await this.#asks.ask(own(action, fields, options), timeout)) as Reply;
  }

  /** Replaces the connection by another without a gap, as the client does by itself every `rolloverAfter`; resolves when that is done. Rejected with `timeout` when it takes longer than `connectTimeout` and `requestTimeout` together: the client goes on with it. */
  rollover(): Promise<void> {
    return this.state === "closed" ? Promise.reject(closed()) : this.#link.rollover();
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
      if (this.#rooms.wanted(checkRoomId(roomId)) !== undefined) this.#cursors.move(roomId, checked);
    } catch (error) {
      this.#events.emit("error", error as RoomcastError);
    }
  }

  /** Closes the connection for good. Requests without a reply are rejected. */
  close(): void {
    this.#end(closed());
  }

  /** Closes for good, and rejects what has no reply with an error. */
  #end(error: RoomcastError): void {
    if (this.state === "closed") return;
    this.#stopListening();
    this.#link.close(error);
    this.#heartbeat.stop();
    this.#cursors.stop();
    this.#inbox.close();
    this.#rooms.close(error);
    this.#outbox.close(error);
    this.#calls.close(error);
    this.#asks.close(error);
    this.#changed.notify();
  }

  /** The connection in use, if the server takes requests on it. */
  #usable(): Connection | undefined {
    const { connection } = this.#link;
    return connection?.expired === true ? undefined : connection;
  }

  /** Sends a message after those of its room, or after the room was left and is joined again. */
  async #send(roomId: string, message: Outgoing<"sendMessage">): Promise<MessageAck> {
    for (let left; (left = this.#rooms.left(roomId)) !== undefined; ) {
      await left;
      if (this.state === "closed") throw closed();
    }
    return this.#outbox.add(roomId, message);
  }

  #call<A extends keyof Replies>(sent: Outgoing<A>): Promise<Replies[A]> {
    return this.state === "closed" ? Promise.reject(closed()) : this.#calls.call(sent);
  }

  #readInbox(): void {
    if (this.#link.connection !== undefined && this.#events.has("notification")) void this.#inbox.read();
  }

  #unread(error: RoomcastError, wait: number): void {
    if (this.state === "closed") return;
    this.#events.emit("error", error);
    // A new connection reads it in any case.
    const { connection } = this.#link;
    if (error.action === "retry" || error.action === "refresh") void connection?.sleep(wait).then(() => !connection.closed && this.#readInbox());
  }

  #dispatch(frame: ServerFrame, connection: Connection): void {
    switch (frame.type) {
      case "message":
        return this.#rooms.message(frame, connection);
      case "cursor":
        if (this.#rooms.wanted(frame.roomId) !== undefined && this.#cursors.isNewest(frame)) this.#events.emit("cursor", frame);
        return;
      case "notification":
        // Nobody would hear it: it waits in the inbox.
        if (this.#events.has("notification")) this.#inbox.live(frame);
        return;
      case "error":
        // A cursor that was too much, which the next one makes up for; and a token that is being replaced.
        if (frame.code === "rate_limited" || errorAction(frame.code) === "refresh") return;
        return this.#events.emit("error", new RoomcastError(frame.code, frame.message, frame.retryAfterMs));
    }
  }
}
