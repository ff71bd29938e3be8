import { Asks } from "./asks.js";
import { Calls } from "./calls.js";
import type { Connection } from "./connection.js";
import { Cursors } from "./cursors.js";
import { Emitter } from "./emitter.js";
import { closed, reactionTo, RoomcastError } from "./errors.js";
import type { ConnectionState, RoomcastEvents } from "./events.js";
import type { MessageAck, Replies, ServerFrame } from "./frames.js";
import { Heartbeat } from "./heartbeat.js";
import { Inbox } from "./inbox.js";
import { Link } from "./link.js";
import { listen } from "./network.js";
import type { Settings } from "./options.js";
import { Outbox } from "./outbox.js";
import { outgoing, type Outgoing } from "./outgoing.js";
import { Diagnosis } from "./problem.js";
import type { Transport } from "./request.js";
import { Rooms } from "./rooms.js";
import { Signal } from "./signal.js";

/**
 * The parts of a client, and how they work together: what one tells is passed
 * on to those that need it. RoomcastClient is what the application sees of it.
 */
export class Engine {
  readonly events = new Emitter<RoomcastEvents>();
  readonly #changed = new Signal();
  readonly rooms: Rooms;
  readonly link: Link;
  readonly #outbox: Outbox;
  readonly #calls: Calls;
  readonly #heartbeat: Heartbeat;
  readonly #diagnosis: Diagnosis;
  readonly inbox: Inbox;
  readonly cursors: Cursors;
  readonly asks: Asks;
  #stopListening = (): void => {};

  /** Puts the parts together and starts to connect. */
  constructor(all: Settings) {
    this.rooms = new Rooms(all, {
      message: (message) => this.events.emit("message", message),
      joined: (joined) => this.events.emit("joined", joined),
      failed: (error) => this.events.emit("error", error),
      left: (left) => this.events.emit("left", left),
      refused: (roomId, error) => {
        this.cursors.stop(roomId);
        this.#outbox.refuse(roomId, error);
        this.#calls.refuse(roomId, error);
      },
      counted: (roomId, members) => this.cursors.counted(roomId, members),
      changed: () => this.#changed.notify(),
      connections: () => this.link.connections,
      settled: (roomId) => this.#outbox.settled(roomId),
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
    this.asks = new Asks(transport, all.maxQueued, all.probeTimeout);
    this.#calls = new Calls(transport, all.requestTimeout, all.maxQueued);
    this.#heartbeat = new Heartbeat(all.pingInterval, this.rooms.byId, (error) => this.events.emit("error", error));
    this.cursors = new Cursors(all.cursorInterval, (roomId) => {
      const connection = this.#usable();
      return connection?.joined.has(roomId) ? connection : undefined;
    });
    this.inbox = new Inbox({
      fetch: (since) => this.call(outgoing("inbox", { since })),
      acknowledge: (ids, droppedUpTo) => this.call(outgoing("ackNotification", { ids, droppedUpTo })),
      notification: (notification) => this.events.emit("notification", notification),
      dropped: (count) => this.events.emit("dropped", count),
      failed: (error) => this.#unread(error, all.retryMax),
    });
    this.#diagnosis = new Diagnosis((problem) => {
      if (this.state === "closed") return;
      // Without a listener nobody would know why the client goes on connecting.
      if (!this.events.has("problem")) console.warn(`roomcast: cannot connect: ${problem.reason}; ${problem.hint}`);
      this.events.emit("problem", problem);
    });
    this.link = new Link(all, {
      enter: (connection) => (this.#changed.notify(), this.rooms.enter(connection)),
      used: (connection) => {
        this.#diagnosis.opened();
        this.#changed.notify();
        this.#heartbeat.start(connection);
        this.readInbox();
      },
      ready: (connection) => {
        this.#changed.notify();
        // One that the application joined in the moment of a rollover.
        void this.rooms.enter(connection);
      },
      unused: () => this.#heartbeat.stop(),
      tookOver: (connection) => this.rooms.announce(connection),
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
      other: (frame) => this.events.emit("frame", frame),
      received: (frame, connection) => this.#dispatch(frame, connection),
      state: (state) => this.events.emit("state", state),
    });
    try {
      this.#stopListening = listen(all.network, (change) => this.link.check(change));
    } catch (thrown) {
      // Nobody gets this client, so nobody could close it.
      this.end(closed());
      throw thrown;
    }
  }

  /** Where the connection stands. */
  get state(): ConnectionState {
    return this.link.state;
  }

  /** Closes for good, and rejects what has no reply with an error. */
  end(error: RoomcastError): void {
    if (this.state === "closed") return;
    try {
      this.#stopListening();
    } catch (thrown) {
      // Reported as uncaught, as what a listener throws; all else is closed nevertheless.
      queueMicrotask(() => {
        throw thrown;
      });
    }
    this.link.close(error);
    this.#diagnosis.close();
    this.#heartbeat.stop();
    this.cursors.stop();
    this.inbox.close();
    this.rooms.close(error);
    this.#outbox.close(error);
    this.#calls.close(error);
    this.asks.close(error);
    this.#changed.notify();
  }

  /** The connection in use, if the server takes requests on it. */
  #usable(): Connection | undefined {
    const { connection } = this.link;
    return connection?.expired === true ? undefined : connection;
  }

  /** Sends a message after those of its room, or after the room was left and is joined again. */
  async send(roomId: string, message: Outgoing<"sendMessage">): Promise<MessageAck> {
    for (let left; (left = this.rooms.left(roomId)) !== undefined; ) {
      await left;
      if (this.state === "closed") throw closed();
    }
    return this.#outbox.add(roomId, message);
  }

  /** Sends a request other than a message until it is answered. */
  call<A extends keyof Replies>(sent: Outgoing<A>): Promise<Replies[A]> {
    return this.state === "closed" ? Promise.reject(closed()) : this.#calls.call(sent);
  }

  /** Reads the inbox, if there is a connection and anybody who listens. */
  readInbox(): void {
    if (this.link.connection !== undefined && this.events.has("notification")) void this.inbox.read();
  }

  #unread(error: RoomcastError, wait: number): void {
    if (this.state === "closed") return;
    this.events.emit("error", error);
    // A new connection reads it in any case.
    const { connection } = this.link;
    if (error.reaction === "retry" || error.reaction === "refresh") void connection?.sleep(wait).then(() => !connection.closed && this.readInbox());
  }

  #dispatch(frame: ServerFrame, connection: Connection): void {
    switch (frame.type) {
      case "message":
        return this.rooms.message(frame, connection);
      case "cursor":
        if (this.rooms.wanted(frame.roomId) !== undefined && this.cursors.isNewest(frame)) this.events.emit("cursor", frame);
        return;
      case "notification":
        // Nobody would hear it: it waits in the inbox.
        if (this.events.has("notification")) this.inbox.live(frame);
        return;
      case "error":
        // A cursor that was too much, which the next one makes up for; and a token that is being replaced.
        if (frame.code === "rate_limited" || reactionTo(frame.code) === "refresh") return;
        return this.events.emit("error", new RoomcastError(frame.code, frame.message, frame.retryAfterMs));
    }
  }
}
