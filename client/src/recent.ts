/** Enough: the second of two equal frames follows soon after the first. */
const LIMIT = 1000;

/** Remembers the newest 1,000 ids that it was given. */
export class Recent {
  readonly #ids = new Set<string>();

  /** Whether it remembers the id. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Adds an id. */
  add(id: string): void {
    this.#ids.add(id);
    // A set keeps the order in which its values came.
    const [oldest] = this.#ids;
    if (this.#ids.size > LIMIT) this.#ids.delete(oldest!);
  }
}
