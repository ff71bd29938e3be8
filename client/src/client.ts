import { Emitter } from "./emitter.js";
import { RoomcastError, errorAction } from "./errors.js";
import type { ConnectionState, RoomcastEvents } from "./events.js";
import { settings, type RoomcastOptions, type Settings } from "./options.js";
import {
  parseFrame,
  type JoinedFrame,
  type Json,
  type MessageAck,
  type NotifyAck,
  type PongFrame,
  type Position,
  type PresenceFrame,
  type Replies,
  type ServerFrame,
} from "./protocol.js";
import { Recent } from "./recent.js";
import { Requests } from "./requests.js";
import type { Room } from "./room.js";
import { Seen } from "./seen.js";
import { Socket } from "./socket.js";
import { Throttle } from "./throttle.js";

/**
 * A connection to a Roomcast WebSocket API that comes back after every loss
 * and joins its rooms again.
 *
 * It connects when it is made. Requests return promises that are rejected with
 * a RoomcastError; made while there is no connection, they wait for one.
 */
export class RoomcastClient {
  readonly #settings: Settings;
  readonly #events = new Emitter<RoomcastEvents>();
  readonly #requests: Requests;
  readonly #socket: Socket;
  readonly #rooms = new Map<string, Room>();
  /** The leaves that have no answer yet, by room. */
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #recent = { message: new Recent(), notification: new Recent() };
  #state: ConnectionState = "connecting";
  #connection = 0;
  #heartbeat: ReturnType<typeof setInterval> | undefined;

  /** Makes a client and starts to connect. */
  constructor(options: RoomcastOptions) {
    this.#settings = settings(options);
    this.#requests = new Requests({
      timeout: this.#settings.requestTimeout,
      maxQueued: this.#settings.maxQueued,
      write: (text) => this.#socket.send(text),
    });
    this.#socket = new Socket(this.#settings, {
      opened: () => void this.#opened(),
      received: (text) => this.#received(text),
      lost: () => this.#lost(),
    });
  }

  /** Where the connection stands now; `on("state", …)` tells of changes. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** Calls the listener on every such event until the returned function is called. */
  on<Name extends keyof RoomcastEvents>(name: Name, listener: (event: RoomcastEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * Joins a room, and joins it again on every later connection until leave().
   * That holds even when this first join is rejected for a time-out or a lost
   * connection; it does not when the server refuses the room. A join of a room
   * that is just being left waits for the leave's reply.
   */
  join(roomId: string): Promise<JoinedFrame> {
    const room = this.#rooms.get(roomId) ?? { wanted: true, seen: new Seen() };
    room.wanted = true;
    this.#rooms.set(roomId, room);
    return room.entering ?? this.#enter(roomId, room);
  }

  /** Leaves a room. */
  async leave(roomId: string): Promise<void> {
    const room = this.#rooms.get(roomId);
    if (room === undefined) return this.#leaving.get(roomId);
    room.wanted = false;
    room.cursor?.stop();
    // API Gateway may run two frames at once: a leave must not overtake its join.
    await room.entering?.catch(() => undefined);
    // Joined again meanwhile, or left by another call.
    if (room.wanted || this.#rooms.get(roomId) !== room) return;
    this.#rooms.delete(roomId);
    // Another connection starts without the room; this one may be in it before it is open for other requests.
    if (this.#state !== "open" && room.connection !== this.#connection) return;
    const left = this.#request("leave", { roomId });
    this.#requests.flush("leave");
    const leaving = left.then(() => undefined).finally(() => this.#leaving.delete(roomId));
    this.#leaving.set(roomId, leaving);
    return leaving;
  }

  /** Sends a message to a room that was joined; resolves when it is in the room's log. */
  sendMessage(roomId: string, message: string): Promise<MessageAck> {
    return this.#request("sendMessage", { roomId, message });
  }

  /** Sends a notification to one user or to up to 100, wherever they are connected. */
  notify(users: string | readonly string[], notification: Json): Promise<NotifyAck> {
    const to = typeof users === "string" ? { userId: users } : { userIds: users };
    return this.#request("notify", { ...to, notification });
  }

  /** Asks who is in a room that was joined. */
  presence(roomId: string): Promise<PresenceFrame> {
    return this.#request("presence", { roomId });
  }

  /** Asks the server for a sign of life. The client does so by itself every `pingInterval`. */
  ping(): Promise<PongFrame> {
    return this.#request("ping", {});
  }

  /**
   * Shows the others in a room where this user's cursor is. May be called on
   * every mouse event: positions in between are dropped, and so is one that
   * comes while there is no connection.
   */
  moveCursor(roomId: string, position: Position, color?: string): void {
    const room = this.#rooms.get(roomId);
    if (room === undefined || !room.wanted) return;
    room.cursor ??= new Throttle(this.#settings.cursorInterval, (move) => {
      if (this.#state === "open") this.#socket.send(JSON.stringify({ action: "cursorMove", roomId, ...move }));
    });
    room.cursor.push({ position, color });
  }

  /** Closes the connection for good. Requests without a reply are rejected. */
  close(): void {
    if (this.#state === "closed") return;
    this.#setState("closed");
    this.#stopTimers();
    this.#requests.failAll(new RoomcastError("closed", "the client was closed"));
    this.#socket.close();
  }

  #request<A extends keyof Replies>(action: A, fields: object): Promise<Replies[A]> {
    if (this.#state === "closed") return Promise.reject(new RoomcastError("closed", "the client was closed"));
    const reply = this.#requests.add(action, fields);
    if (this.#state === "open") this.#requests.flush();
    return reply;
  }

  #enter(roomId: string, room: Room): Promise<JoinedFrame> {
    const request = () => this.#request("join", { roomId, ...room.seen.since });
    // A join must not overtake a leave either: the leave would have the last word.
    const leaving = this.#leaving.get(roomId);
    const entering = (leaving === undefined ? request() : leaving.catch(() => undefined).then(request))
      .then((frame) => {
        room.connection = this.#connection;
        room.seen.joined(frame);
        this.#events.emit("joined", frame);
        return frame;
      })
      .catch((error: RoomcastError) => {
        const refused = error.action !== "retry" && error.action !== "reconnect";
        if (refused) this.#rooms.delete(roomId);
        throw error;
      })
      .finally(() => delete room.entering);
    room.entering = entering;
    return entering;
  }

  /** Joins the rooms on a new connection, then lets waiting requests go. */
  async #opened(): Promise<void> {
    const connection = ++this.#connection;
    const rooms = [...this.#rooms].filter(([, room]) => room.wanted);
    const joins = rooms.map(([roomId, room]) => room.entering ?? this.#enter(roomId, room));
    this.#requests.flush("join");
    const failures = (await Promise.allSettled(joins)).filter((join) => join.status === "rejected");
    if (connection !== this.#connection || this.#state === "closed") return;

    for (const { reason } of failures) this.#events.emit("error", reason as RoomcastError);
    if (failures.some(({ reason }) => (reason as RoomcastError).action === "retry")) {
      // An open connection that is in none of its rooms would be silent: try with another.
      this.#socket.replace();
      return;
    }
    this.#setState("open");
    this.#requests.flush();
    this.#heartbeat = setInterval(() => void this.#beat(), this.#settings.pingInterval);
  }

  async #beat(): Promise<void> {
    const connection = this.#connection;
    try {
      await this.ping();
    } catch (error) {
      // A connection may die without a close: the network went away.
      const dead = (error as RoomcastError).code === "timeout" && connection === this.#connection;
      if (dead && this.#state === "open") this.#socket.replace();
    }
  }

  #received(text: string): void {
    const frame = parseFrame(text);
    if (frame === undefined) return;
    if (!this.#requests.settle(frame)) this.#dispatch(frame);
    // A listener may have closed the client.
    if (frame.type === "error" && errorAction(frame.code) === "reconnect" && this.#state !== "closed") this.#socket.replace();
  }

  #dispatch(frame: ServerFrame): void {
    switch (frame.type) {
      case "message":
        this.#rooms.get(frame.roomId)?.seen.message(frame);
        if (this.#recent.message.add(frame.id)) this.#events.emit("message", frame);
        return;
      case "cursor":
        return this.#events.emit("cursor", frame);
      case "notification":
        if (this.#recent.notification.add(frame.id)) this.#events.emit("notification", frame);
        return;
      case "error":
        return this.#events.emit("error", new RoomcastError(frame.code, frame.message, frame.retryAfterMs));
    }
  }

  #lost(): void {
    if (this.#state === "closed") return;
    this.#connection++;
    this.#stopTimers();
    this.#setState("reconnecting");
    this.#requests.failSent(new RoomcastError("connection_lost", "the connection broke before the reply"));
  }

  #stopTimers(): void {
    clearInterval(this.#heartbeat);
    for (const room of this.#rooms.values()) room.cursor?.stop();
  }

  #setState(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#events.emit("state", state);
  }
}
