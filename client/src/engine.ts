import { OwnRequests } from "./ownRequests.js";
import { Calls } from "./calls.js";
import type { Connection } from "./connection.js";
import { Cursors } from "./cursors.js";
import { Emitter } from "./emitter.js";
import { closed, reactionTo, RoomcastError } from "./errors.js";
import type { ConnectionState, RoomcastEvents } from "./events.js";
import type { MessageAck, Replies, ServerFrame } from "./frames.js";
import { Heartbeat } from "./heartbeat.js";
import { Inbox } from "./inbox.js";
import { ConnectionManager } from "./connectionManager.js";
import { listen } from "./network.js";
import type { Settings } from "./options.js";
import { Outbox } from "./outbox.js";
import { outgoing, type Outgoing } from "./outgoing.js";
import { Diagnosis } from "./problem.js";
import type { Transport } from "./request.js";
import { Memberships } from "./memberships.js";
import { Signal } from "./signal.js";
import { cursorOf, messageOf, notificationOf } from "./types.js";

/** The parts of a client, and the wiring between them. RoomcastClient and Room are its public face. */
export class Engine {
  readonly events = new Emitter<RoomcastEvents>();
  readonly #changed = new Signal();
  readonly rooms: Memberships;
  readonly connections: ConnectionManager;
  readonly #outbox: Outbox;
  readonly #calls: Calls;
  readonly #heartbeat: Heartbeat;
  readonly #diagnosis: Diagnosis;
  readonly inbox: Inbox;
  readonly cursors: Cursors;
  readonly own: OwnRequests;
  #stopListening = (): void => {};

  /** Makes the parts, and starts to connect. */
  constructor(all: Settings) {
    this.rooms = new Memberships(all, {
      message: (message) => this.events.emit("message", messageOf(message)),
      joined: this.#emits("joined"),
      failed: this.#emits("error"),
      left: this.#emits("left"),
      refused: (roomId, error) => {
        this.cursors.stop(roomId);
        this.#outbox.refuse(roomId, error);
        this.#calls.refuse(roomId, error);
      },
      counted: (roomId, members) => this.cursors.counted(roomId, members),
      changed: () => this.#changed.notify(),
      connections: () => this.connections.connections,
      answered: (roomId) => this.#outbox.answered(roomId),
    });
    const transport: Transport = {
      connection: (roomId) => {
        const connection = this.#usable();
        return connection !== undefined && roomId !== undefined && this.rooms.waits(roomId, connection) ? undefined : connection;
      },
      rejoin: (roomId, connection) => {
        const room = this.rooms.present(roomId);
        void room?.enter(connection);
        return room !== undefined;
      },
      changed: this.#changed,
      retryBase: all.retryBase,
      retryMax: all.retryMax,
    };
    this.#outbox = new Outbox(transport, all);
    this.own = new OwnRequests(transport, all.maxQueued, all.probeTimeout);
    this.#calls = new Calls(transport, all.callTimeout, all.maxQueued);
    this.#heartbeat = new Heartbeat(all.pingInterval, this.rooms.byId, this.#emits("error"));
    this.cursors = new Cursors(all.cursorInterval, (roomId) => {
      const connection = this.#usable();
      return connection?.joined.has(roomId) ? connection : undefined;
    });
    this.inbox = new Inbox({
      fetch: (since) => this.call(outgoing("inbox", { since })),
      acknowledge: (ids, droppedUpTo) => this.call(outgoing("ackNotification", { ids, droppedUpTo })),
      notification: (notification) => this.events.emit("notification", notificationOf(notification)),
      dropped: (count) => {
        this.events.emit("dropped", count);
        return this.events.has("dropped");
      },
      failed: (error) => this.#unread(error, all.retryMax),
    });
    this.#diagnosis = new Diagnosis((problem) => {
      if (this.state === "closed") return;
      // Without a listener the developer would not learn why.
      if (!this.events.has("problem")) console.warn(`roomcast: cannot connect: ${problem.reason}; ${problem.hint}`);
      this.events.emit("problem", problem);
    });
    this.connections = new ConnectionManager(all, {
      enter: (connection) => {
        this.#changed.notify();
        return this.rooms.enter(connection);
      },
      used: (connection) => {
        this.#diagnosis.opened();
        this.#changed.notify();
        this.#heartbeat.start(connection);
        this.readInbox();
      },
      ready: (connection) => {
        this.#changed.notify();
        // For a room that was joined during the rollover.
        void this.rooms.enter(connection);
      },
      unused: () => this.#heartbeat.stop(),
      tookOver: (connection) => this.rooms.announce(connection),
      rolledOver: () => this.events.emit("rollover", undefined),
      refreshed: ({ left = [] }, connection) => {
        this.#changed.notify();
        this.rooms.revoke(left, connection);
      },
      ended: (error) => {
        this.events.emit("error", error);
        this.end(error);
      },
      failed: (error, url) => {
        this.events.emit("error", error);
        if (error.code === "connect_failed" && this.state !== "open") void this.#diagnosis.failed(error, url);
      },
      other: this.#emits("frame"),
      received: (frame, connection) => this.#dispatch(frame, connection),
      state: this.#emits("state"),
    });
    try {
      this.#stopListening = listen(all.network, (change) => void this.connections.check(change));
    } catch (thrown) {
      // The constructor throws, so the application cannot close this client.
      this.end(closed());
      throw thrown;
    }
  }

  /** The state of the connection. */
  get state(): ConnectionState {
    return this.connections.state;
  }

  /** Closes everything, and rejects pending calls with the error. */
  end(error: RoomcastError): void {
    if (this.state === "closed") return;
    try {
      this.#stopListening();
    } catch (thrown) {
      // Reported as uncaught, like a listener that throws; the rest is closed nevertheless.
      queueMicrotask(() => {
        throw thrown;
      });
    }
    this.connections.close(error);
    this.#diagnosis.close();
    this.#heartbeat.stop();
    this.cursors.stop();
    this.inbox.close();
    this.rooms.close(error);
    this.#outbox.close(error);
    this.#calls.close(error);
    this.own.close(error);
    this.#changed.notify();
  }

  #emits<Name extends keyof RoomcastEvents>(name: Name): (event: RoomcastEvents[Name]) => void {
    return (event) => this.events.emit(name, event);
  }

  /** The connection in use, if the server accepts requests on it. */
  #usable(): Connection | undefined {
    const { connection } = this.connections;
    return connection?.expired === true ? undefined : connection;
  }

  /** Sends a message after those of its room, or after the room was left and is joined again. */
  async send(roomId: string, message: Outgoing<"sendMessage">): Promise<MessageAck> {
    for (let left = this.rooms.left(roomId); left !== undefined; left = this.rooms.left(roomId)) {
      await left;
      if (this.state === "closed") throw closed();
    }
    return this.#outbox.add(roomId, message);
  }

  /** Sends a request other than a message until it is answered. */
  call<A extends keyof Replies>(sent: Outgoing<A>): Promise<Replies[A]> {
    return this.state === "closed" ? Promise.reject(closed()) : this.#calls.call(sent);
  }

  /** Reads the inbox, if there is a connection and a listener. */
  readInbox(): void {
    if (this.connections.connection !== undefined && this.events.has("notification")) void this.inbox.read();
  }

  #unread(error: RoomcastError, wait: number): void {
    if (this.state === "closed") return;
    this.events.emit("error", error);
    // A new connection reads it in any case.
    const { connection } = this.connections;
    if (error.reaction === "retry" || error.reaction === "refresh") void connection?.sleep(wait).then(() => !connection.closed && this.readInbox());
  }

  #dispatch(frame: ServerFrame, connection: Connection): void {
    switch (frame.type) {
      case "message":
        return this.rooms.message(frame, connection);
      case "cursor":
        if (this.rooms.wanted(frame.roomId) !== undefined && this.cursors.isNewest(frame)) this.events.emit("cursor", cursorOf(frame));
        return;
      case "notification":
        // Without a listener it waits in the inbox.
        if (this.events.has("notification")) this.inbox.live(frame);
        return;
      case "error":
        // A cursor too many, for which the next one makes up; and a token that is being replaced.
        if (frame.code === "rate_limited" || reactionTo(frame.code) === "refresh") return;
        return this.events.emit("error", new RoomcastError(frame.code, frame.message, frame.retryAfterMs));
    }
  }
}
