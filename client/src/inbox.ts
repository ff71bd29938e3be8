import type { RoomcastError } from "./errors.js";
import type { InboxFrame, NotificationFrame } from "./frames.js";
import { Recent } from "./recent.js";

/** One ackNotification names at most so many notifications. */
const MAX_ACKNOWLEDGED = 100;

/** What an Inbox needs. */
export interface InboxListener {
  /** Asks for the part of the inbox after an id. */
  fetch(since: string | undefined): Promise<InboxFrame>;
  /** Sends one ackNotification; `droppedUpTo` is undefined when there is nothing to say of what was dropped. */
  acknowledge(ids: readonly string[], droppedUpTo: number | undefined): Promise<unknown>;
  /** A notification that was not told yet. */
  notification(notification: NotificationFrame): void;
  /** So many notifications were dropped because the inbox was full. */
  dropped(count: number): void;
  /** The inbox could not be read. */
  failed(error: RoomcastError): void;
}

/**
 * The user's notifications: those that waited, in order, and those that come
 * meanwhile, each once.
 */
export class Inbox {
  readonly #listener: InboxListener;
  /** The ids that were told, the newest of them. */
  readonly #told = new Recent();
  /** The ids that were in the inbox when it was last read: they come again with the next reading. */
  #kept = new Set<string>();
  #dropped = 0;
  /** How many were ever dropped, when there were that many to count. */
  #droppedUpTo = 0;
  #reading = false;
  #again = false;
  #closed = false;
  /** What came while the inbox was read: it is newer than what waits there. */
  #live: NotificationFrame[] = [];

  /** Makes an inbox that was not read yet. */
  constructor(listener: InboxListener) {
    this.#listener = listener;
  }

  /** Takes a notification that was sent to this connection. */
  live(notification: NotificationFrame): void {
    if (this.#reading) this.#live.push(notification);
    else this.#tell(notification);
  }

  /** Reads what waits, from the beginning: a notification may be stored after another with a later id. */
  async read(): Promise<void> {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    while (this.#again && !this.#closed) {
      this.#again = false;
      try {
        await this.#readAll();
      } catch (error) {
        this.#listener.failed(error as RoomcastError);
      }
    }
    this.#reading = false;
    for (const notification of this.#live.splice(0)) this.#tell(notification);
  }

  /** Tells nothing any more. */
  close(): void {
    this.#closed = true;
  }

  /** Tells the server that notifications, and so many dropped ones, need not be kept or counted any longer. */
  async acknowledge(ids: readonly string[], dropped: number): Promise<void> {
    for (let from = 0; from < ids.length || (from === 0 && dropped > 0); from += MAX_ACKNOWLEDGED) {
      const some = ids.slice(from, from + MAX_ACKNOWLEDGED);
      const count = from === 0 ? dropped : 0;
      const upTo = this.#position(count);
      // None was dropped, for all that is known here.
      if (some.length === 0 && upTo === undefined) return;
      await this.#listener.acknowledge(some, upTo).catch((error: RoomcastError) => {
        if (error.reaction !== "ignore") throw error;
      });
      for (const id of some) if (this.#kept.delete(id)) this.#told.add(id);
      this.#dropped = Math.max(0, this.#dropped - count);
    }
  }

  async #readAll(): Promise<void> {
    const kept = new Set<string>();
    for (let since: string | undefined, more = true; more; ) {
      const page = await this.#listener.fetch(since);
      for (const notification of page.notifications) {
        kept.add(notification.id);
        this.#tell({ ...notification, type: "notification" });
        this.#kept.add(notification.id);
      }
      this.#count(page.dropped ?? 0);
      this.#droppedUpTo = page.droppedUpTo ?? this.#droppedUpTo;
      since = page.notifications.at(-1)?.id;
      more = page.more === true && since !== undefined;
    }
    this.#kept = kept;
  }

  /** What the server is to count up to, so that so many more are acknowledged; it may hear of it twice. */
  #position(count: number): number | undefined {
    const acknowledged = this.#droppedUpTo - this.#dropped;
    return count > 0 && this.#dropped > 0 ? acknowledged + Math.min(count, this.#dropped) : undefined;
  }

  /** Tells of what was dropped since it was counted last. A count that is lower was acknowledged by another device, and has grown since. */
  #count(dropped: number): void {
    const more = dropped >= this.#dropped ? dropped - this.#dropped : dropped;
    this.#dropped = dropped;
    if (more > 0 && !this.#closed) this.#listener.dropped(more);
  }

  #tell(notification: NotificationFrame): void {
    const { id } = notification;
    if (this.#closed || this.#told.has(id) || this.#kept.has(id)) return;
    this.#told.add(id);
    this.#listener.notification(notification);
  }
}
