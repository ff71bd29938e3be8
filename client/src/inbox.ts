import type { RoomcastError } from "./errors.js";
import type { InboxFrame, NotificationFields } from "./frames.js";
import { Recent } from "./recent.js";

/** An ackNotification names at most this many notifications. */
const MAX_ACKNOWLEDGED = 100;

/** What an Inbox needs. */
export interface InboxListener {
  /** Fetches the part of the inbox after an id. */
  fetch(since: string | undefined): Promise<InboxFrame>;
  /** Sends one ackNotification; `droppedUpTo` acknowledges dropped notifications. */
  acknowledge(ids: readonly string[], droppedUpTo?: number): Promise<unknown>;
  /** Delivers a notification for the first time. */
  notification(notification: NotificationFields): void;
  /** Reports that many dropped notifications; false if nobody listens. */
  dropped(count: number): boolean;
  /** The inbox could not be read. */
  failed(error: RoomcastError): void;
}

/**
 * The user's notifications: what waited, in order, then what arrives, each
 * once.
 */
export class Inbox {
  readonly #listener: InboxListener;
  /** The newest ids that were delivered. */
  readonly #delivered = new Recent();
  /** The ids of the last reading, which come again with the next. */
  #kept = new Set<string>();
  /** How many dropped ones were reported and are not acknowledged, as far as this client knows. */
  #dropped = 0;
  #reading = false;
  #again = false;
  #closed = false;
  /** What arrived during a reading: it is newer than what is read. */
  #live: NotificationFields[] = [];

  /** Makes an inbox that was not read yet. */
  constructor(listener: InboxListener) {
    this.#listener = listener;
  }

  /** Takes a notification that was sent to this connection. */
  live(notification: NotificationFields): void {
    if (this.#reading) this.#live.push(notification);
    else this.#deliver(notification);
  }

  /** Reads what waits, from the start: a notification may be stored after another with a later id. */
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
    for (const notification of this.#live.splice(0)) this.#deliver(notification);
  }

  /** Delivers nothing any more. */
  close(): void {
    this.#closed = true;
  }

  /** Removes notifications from the inbox. */
  async acknowledge(ids: readonly string[]): Promise<void> {
    for (let from = 0; from < ids.length; from += MAX_ACKNOWLEDGED) {
      const some = ids.slice(from, from + MAX_ACKNOWLEDGED);
      await this.#listener.acknowledge(some).catch((error: RoomcastError) => {
        if (error.reaction !== "ignore") throw error;
      });
      for (const id of some) if (this.#kept.delete(id)) this.#delivered.add(id);
    }
  }

  async #readAll(): Promise<void> {
    const kept = new Set<string>();
    for (let since: string | undefined, more = true; more; ) {
      const page = await this.#listener.fetch(since);
      for (const notification of page.notifications) {
        kept.add(notification.id);
        this.#deliver(notification);
        this.#kept.add(notification.id);
      }
      this.#report(page.dropped ?? 0, page.droppedUpTo);
      since = page.notifications.at(-1)?.id;
      more = page.more === true && since !== undefined;
    }
    this.#kept = kept;
  }

  /** Reports what was dropped since the last report, and acknowledges all of it. A count that fell was acknowledged by another device, and has grown since. */
  #report(dropped: number, droppedUpTo: number | undefined): void {
    const more = dropped >= this.#dropped ? dropped - this.#dropped : dropped;
    if (this.#closed || (more > 0 && !this.#listener.dropped(more))) return;
    this.#dropped = dropped;
    if (dropped === 0) return;
    const acknowledged = () => void (this.#dropped = Math.max(0, this.#dropped - dropped));
    // Should it fail, the next reading makes up for it.
    this.#listener.acknowledge([], droppedUpTo).then(acknowledged, () => undefined);
  }

  #deliver(notification: NotificationFields): void {
    const { id } = notification;
    if (this.#closed || this.#delivered.has(id) || this.#kept.has(id)) return;
    this.#delivered.add(id);
    this.#listener.notification(notification);
  }
}
