/** Wakes everything that waits for a change. */
export class Signal {
  readonly #waiting = new Set<() => void>();

  /** Calls `wake` at the next notify, once, unless the returned function is called before. */
  once(wake: () => void): () => void {
    // A wrapper of its own, so that one function may wait twice.
    const entry = () => wake();
    this.#waiting.add(entry);
    return () => void this.#waiting.delete(entry);
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Wakes all that wait. */
  notify(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
