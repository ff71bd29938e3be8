import { abortable, type CallOptions } from "./abort.js";
import { checkRoomId, checkSince, reading } from "./checks.js";
import type { Engine } from "./engine.js";
import { closed, type RoomcastError } from "./errors.js";
import type { RoomEvents } from "./events.js";
import type { CursorPosition, Position } from "./frames.js";
import { history, move, presence, sendMessage } from "./outgoing.js";
import type { SendOptions } from "./request.js";
import { pageOf, presenceOf, receiptOf, type Joined, type Page, type Presence, type Receipt } from "./types.js";

/**
 * A handle for a room, made by RoomcastClient.room(). It holds no state: any
 * number of handles of one room are the same room.
 *
 * Promises are rejected with a RoomcastError.
 */
export class Room {
  /** The room's name. */
  readonly roomId: string;
  readonly #engine: Engine;

  /** @internal */
  constructor(roomId: string, engine: Engine) {
    this.roomId = checkRoomId(roomId);
    this.#engine = engine;
  }

  /** Calls the listener on every such event of the room until the returned function is called. */
  on<Name extends keyof RoomEvents>(name: Name, listener: (event: RoomEvents[Name]) => void): () => void {
    return this.#engine.events.on(name, listener, ({ roomId }) => roomId === this.roomId);
  }

  /**
   * Joins the room, and joins it again on every later connection until leave().
   * Delivers the messages after `since`, a stored position, or those that are
   * sent from now on. In a room that is joined already `since` has no effect:
   * the room's own position is newer.
   *
   * Rejected with `timeout` after `callTimeout`: the client goes on joining.
   * Rejected with another error if the server refuses the room.
   */
  async join(options?: CallOptions & { readonly since?: Position }): Promise<Joined> {
    if (this.#engine.state === "closed") throw closed();
    const since = reading("since", () => checkSince(options?.since));
    return abortable(options, () => this.#engine.rooms.join(this.roomId, since));
  }

  /**
   * Leaves the room, after its pending messages. No event of the room is
   * delivered after the call. Joined again before that is done, the room is
   * joined as for the first time.
   */
  async leave(options?: CallOptions): Promise<void> {
    this.#engine.cursors.stop(this.roomId);
    return abortable(options, () => this.#engine.rooms.leave(this.roomId));
  }

  /**
   * Sends a message; resolves when it is in the room's log. Until then it is
   * sent again, also on later connections. The messages of a room arrive in the
   * order of the calls.
   *
   * Rejected with the server's refusal; `queue_full`; `closed`; `not_in_room`
   * while the room is being left; `timeout` if it could not be sent within
   * `queueTimeout`. 4 min 30 s after it was first sent, rejected with the last
   * refusal, such as `rate_limited`, if the server did nothing, or else with
   * `outcome_unknown`: look for it in history(), and send it under a new key if
   * it is not there.
   */
  async send(text: string, options?: SendOptions): Promise<Receipt> {
    if (this.#engine.state === "closed") throw closed();
    const message = sendMessage(this.roomId, text, options);
    return receiptOf(await abortable(options, () => this.#engine.send(this.roomId, message)));
  }

  /** Returns messages: at most `limit` (1 to 100, default 50) before the seq `before` (default: the newest). */
  async history(options?: CallOptions & { readonly before?: number; readonly limit?: number }): Promise<Page> {
    const request = history(this.roomId, options);
    return pageOf(await abortable(options, () => this.#engine.call(request)));
  }

  /** Returns who is in the room. */
  async presence(options?: CallOptions): Promise<Presence> {
    return presenceOf(await abortable(options, () => this.#engine.call(presence(this.roomId))));
  }

  /**
   * Shows the others where this user's cursor is. Call it on every mouse event:
   * the newest position is sent every `cursorInterval`, less often in a room of
   * more than 100 members. Positions in between are dropped, and so is one made
   * without a connection. A position that the server would refuse is not sent,
   * and reported as an `error` event.
   */
  moveCursor(position: CursorPosition, color?: string): void {
    try {
      const checked = move(position, color);
      if (this.#engine.rooms.wanted(this.roomId) !== undefined) this.#engine.cursors.move(this.roomId, checked);
    } catch (error) {
      this.#engine.events.emit("error", error as RoomcastError);
    }
  }

  /**
   * How far the messages were delivered; undefined before the room is joined.
   * Within a listener of `message` it is right behind that message: stored
   * together with what the message did, it lets join() go on from there.
   */
  get position(): Position | undefined {
    return this.#engine.rooms.byId.get(this.roomId)?.position;
  }
}
