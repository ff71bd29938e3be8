import type { CallOptions } from "./abort.js";
import { backoff } from "./backoff.js";
import type { Connection } from "./connection.js";
import { RoomcastError } from "./errors.js";
import type { Replies } from "./frames.js";
import type { Outgoing } from "./outgoing.js";
import type { Signal } from "./signal.js";

/** How to send a message, a notification or a request of your own. */
export interface SendOptions extends CallOptions {
  /**
   * Your own name for what is sent, 1 to 64 characters, unique among all
   * connections of the user. Within 5 minutes the server accepts a message or a
   * notification of one key once, so it is safe to send it again. A function of
   * your own sees it as `clientId`. Default: a random key.
   */
  readonly idempotencyKey?: string;
}

/** How a request reaches the server: on the connection in use at the time. */
export interface Transport {
  /** The connection for a request, about a room or not. Undefined while there is no connection, it is not in the room yet, or its token has expired. */
  connection(roomId: string | undefined): Connection | undefined;
  /** Joins a room again after the server said that a connection is not in it. Returns false if the room was left. */
  rejoin(roomId: string, connection: Connection): boolean;
  /** Notifies that `connection` may return another result. */
  readonly changed: Signal;
  /** The limits of the wait before a request is sent again; see backoff. */
  readonly retryBase: number;
  readonly retryMax: number;
}

/**
 * A request that is sent until it is answered, on one connection after the
 * other and under the same clientId. That is safe: the server carries out a
 * sendMessage or a notify once for a clientId, and other requests change nothing
 * the second time.
 */
export class Request<A extends keyof Replies> {
  /** The reply; rejected with the server's refusal, or the error passed to `fail`. */
  readonly reply: Promise<Replies[A]>;
  /** The last failure after which it was sent again. */
  lastError: RoomcastError | undefined;
  readonly #sent: Outgoing<A>;
  #resolve!: (reply: Replies[A]) => void;
  #reject!: (error: RoomcastError) => void;
  #done = false;
  /** Whether an earlier transmission may have been carried out. */
  #inDoubt = false;
  #underWay = false;
  #refusal: RoomcastError | undefined;
  #stopWaiting = () => {};

  /** Makes a request. If it names a room, the connection has to be in it. */
  constructor(sent: Outgoing<A>) {
    this.#sent = sent;
    this.reply = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** The room that the connection has to be in, if any. */
  get roomId(): string | undefined {
    return this.#sent.roomId;
  }

  /** Whether it has its reply, or was given up. */
  get done(): boolean {
    return this.#done;
  }

  get clientId(): string {
    return this.#sent.clientId;
  }

  /** Gives it up. */
  fail(error: RoomcastError): void {
    this.#done = true;
    this.#reject(error);
    this.#stopWaiting();
  }

  /** Gives it up because it cannot be sent again safely: with the last refusal if the server did nothing each time, or else with `outcome_unknown`. */
  expire(why: string): void {
    const { lastError } = this;
    if (lastError !== undefined && !this.#underWay && !this.#inDoubt) return this.fail(lastError);
    this.fail(new RoomcastError("outcome_unknown", lastError === undefined ? why : `${why}: ${lastError.message}`));
  }

  /** Gives it up because the server refuses the room. While it is under way its reply still counts, but it is not sent again. */
  refuse(error: RoomcastError): void {
    this.#refusal = error;
    if (!this.#underWay) this.fail(this.#outcome(error));
  }

  /**
   * Sends it until it has a reply. `maySend` is called right before each
   * transmission: if it returns false, the caller has to give the request up.
   */
  async send(transport: Transport, maySend: () => boolean = () => true): Promise<void> {
    for (let retry = 1; !this.#done; retry++) {
      const connection = transport.connection(this.roomId);
      if (connection === undefined) {
        retry = 0;
        await this.#change(transport.changed);
        continue;
      }
      const same = connection.pending(this.clientId);
      if (same !== undefined) {
        // Two requests with one key go one after the other, so that their replies are not mixed up.
        await same;
        continue;
      }
      if (!maySend()) return;
      this.#underWay = true;
      try {
        this.#resolve((await connection.request(this.#sent)) as Replies[A]);
        this.#done = true;
      } catch (error) {
        const reason = error as RoomcastError;
        this.#underWay = false;
        this.#inDoubt ||= reason.reaction === "retry" && reason.code !== "rate_limited";
        if (this.#refusal !== undefined) return this.fail(this.#outcome(this.#refusal));
        if (!this.#mayRepeat(reason, transport, connection)) return this.fail(this.#outcome(reason));
        const { retryAfterMs = 0 } = (this.lastError = reason);
        // The transport returns no connection whose token has expired.
        if (reason.reaction === "refresh") continue;
        // A connection that is gone ends the wait.
        await connection.sleep(retryAfterMs + backoff(retry, transport.retryBase, transport.retryMax));
      }
    }
  }

  /** Resolves when there may be another connection, or the request is done. */
  #change(changed: Signal): Promise<void> {
    return new Promise((resolve) => {
      const off = changed.once(resolve);
      this.#stopWaiting = () => {
        off();
        resolve();
      };
    });
  }

  /** The error of a request that was refused. If the last copy of a message was refused because the room or a permission is gone, an earlier copy may have been accepted. */
  #outcome(error: RoomcastError): RoomcastError {
    const once = this.#sent.action === "sendMessage" || this.#sent.action === "notify";
    const wanting = error === this.#refusal || error.reaction === "join" || error.code === "forbidden";
    if (!once || !this.#inDoubt || !wanting) return error;
    return new RoomcastError("outcome_unknown", `an earlier transmission was not answered, then: ${error.message}`);
  }

  /** Prepares to send it again after an error. Returns whether that is possible. */
  #mayRepeat(error: RoomcastError, transport: Transport, connection: Connection): boolean {
    switch (error.reaction) {
      case "retry":
      case "reconnect":
      case "refresh":
        return true;
      case "join":
        return this.roomId !== undefined && transport.rejoin(this.roomId, connection);
      default:
        return false;
    }
  }
}
