/** Enough, because a duplicate follows soon after the first. */
const LIMIT = 1000;

/** Remembers the newest 1,000 ids. */
export class Recent {
  readonly #ids = new Set<string>();

  /** Whether it remembers the id. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Adds an id. */
  add(id: string): void {
    this.#ids.add(id);
    // A set keeps the order of insertion.
    const [oldest] = this.#ids;
    if (this.#ids.size > LIMIT) this.#ids.delete(oldest!);
  }
}
