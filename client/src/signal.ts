/** Something that many may wait for: that anything changed. */
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

  /** Wakes everybody who waits, to look again at what they wait for. */
  notify(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
