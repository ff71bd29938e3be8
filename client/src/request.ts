import { backoff } from "./backoff.js";
import type { Connection } from "./connection.js";
import { RoomcastError } from "./errors.js";
import type { Replies } from "./frames.js";
import type { Outgoing } from "./outgoing.js";
import type { Signal } from "./signal.js";

/** How to name a request. */
export interface RequestName {
  /**
   * The application's name for the request, 1 to 64 characters; by default one
   * is made up. The server carries out requests of one name once within
   * 5 minutes of the first, so that it is safe to make a failed one again.
   */
  readonly clientId?: string;
}

/** How a request gets to the server: on the connection of the moment. */
export interface Transport {
  /** The connection for a request about the room, if any; undefined while there is none, it is not in the room yet, or its token has ended. */
  connection(roomId: string | undefined): Connection | undefined;
  /** The server says that a connection is not in a room: joins it again. False when the room is not to be joined. */
  rejoin(roomId: string, connection: Connection): boolean;
  /** Tells that `connection` may give something else. */
  readonly changed: Signal;
  /** The limits of the wait before a request is sent again; see backoff. */
  readonly retryBase: number;
  readonly retryMax: number;
}

/**
 * A request that is sent until it is answered, on one connection after the
 * other and under the same clientId. All of them may be: the server carries out
 * a sendMessage or a notify with a clientId once, and the others change nothing
 * the second time.
 */
export class Request<A extends keyof Replies> {
  /** The reply; rejected with the server's refusal, or the error that `fail` was given. */
  readonly reply: Promise<Replies[A]>;
  /** The last failure after which it was sent again. */
  lastError: RoomcastError | undefined;
  readonly #sent: Outgoing<A>;
  #resolve!: (reply: Replies[A]) => void;
  #reject!: (error: RoomcastError) => void;
  #settled = false;
  /** Whether an earlier transmission may have been carried out, for all that is known. */
  #inDoubt = false;
  #underWay = false;
  #refusal: RoomcastError | undefined;
  #stopWaiting = () => {};

  /** Makes a request. Where it names a room, the connection has to be in that. */
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
  get settled(): boolean {
    return this.#settled;
  }

  get clientId(): string {
    return this.#sent.clientId;
  }

  /** Gives it up. */
  fail(error: RoomcastError): void {
    this.#settled = true;
    this.#reject(error);
    this.#stopWaiting();
  }

  /** Gives it up because it cannot be sent again safely: with the last refusal if the server did nothing of any transmission, or else with its outcome unknown. */
  expire(why: string): void {
    const { lastError } = this;
    if (lastError !== undefined && !this.#underWay && !this.#inDoubt) return this.fail(lastError);
    this.fail(new RoomcastError("outcome_unknown", lastError === undefined ? why : `${why}: ${lastError.message}`));
  }

  /** Gives it up for a reason that the server has given. While it is under way its answer counts still; it is not sent again. */
  refuse(error: RoomcastError): void {
    this.#refusal = error;
    if (!this.#underWay) this.fail(this.#outcome(error));
  }

  /**
   * Sends it until it has a reply, or `maySend`, which is asked right before
   * each time, says no: then it is up to the caller to give it up.
   */
  async send(transport: Transport, maySend: () => boolean = () => true): Promise<void> {
    for (let retry = 1; !this.#settled; retry++) {
      const connection = transport.connection(this.roomId);
      if (connection === undefined) {
        retry = 0;
        await this.#change(transport.changed);
        continue;
      }
      const same = connection.pending(this.clientId);
      if (same !== undefined) {
        // Two requests that the application gave one name go one after the other, or their replies could be mistaken.
        await same;
        continue;
      }
      if (!maySend()) return;
      this.#underWay = true;
      try {
        this.#resolve((await connection.request(this.#sent)) as Replies[A]);
        this.#settled = true;
      } catch (error) {
        const reason = error as RoomcastError;
        this.#underWay = false;
        this.#inDoubt ||= reason.reaction === "retry" && reason.code !== "rate_limited";
        if (this.#refusal !== undefined) return this.fail(this.#outcome(this.#refusal));
        if (!this.#mayRepeat(reason, transport, connection)) return this.fail(this.#outcome(reason));
        const { retryAfterMs = 0 } = (this.lastError = reason);
        // The transport gives no connection whose token has ended.
        if (reason.reaction === "refresh") continue;
        // A connection that is gone ends the wait.
        await connection.sleep(retryAfterMs + backoff(retry, transport.retryBase, transport.retryMax));
      }
    }
  }

  /** Resolves when there may be another connection, or the request is settled: it does not wait for what may never come. */
  #change(changed: Signal): Promise<void> {
    return new Promise((resolve) => {
      const off = changed.once(resolve);
      this.#stopWaiting = () => {
        off();
        resolve();
      };
    });
  }

  /** What a refusal says about a message or a notification: that the last copy was refused for want of the room or a right says nothing of those before. */
  #outcome(error: RoomcastError): RoomcastError {
    const once = this.#sent.action === "sendMessage" || this.#sent.action === "notify";
    const wanting = error === this.#refusal || error.reaction === "join" || error.code === "forbidden";
    if (!once || !this.#inDoubt || !wanting) return error;
    return new RoomcastError("outcome_unknown", `an earlier transmission was not answered, then: ${error.message}`);
  }

  /** Whether it can be sent again after the error, having done what that takes. */
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
