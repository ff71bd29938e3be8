/** Enough: the second of two equal frames follows soon after the first. */
const LIMIT = 1000;

/** Remembers the newest 1,000 ids that it was given. */
export class Recent {
  readonly #ids = new Set<string>();

  /** Adds an id; false when it is there already. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    // A set keeps the order in which its values came.
    const [oldest] = this.#ids;
    if (this.#ids.size > LIMIT) this.#ids.delete(oldest!);
    return true;
  }
}
