/** Something that many may wait for: that anything changed. */
export class Signal {
  #waiting: (() => void)[] = [];

  /** Resolves at the next notify. */
  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Wakes everybody who waits, to look again at what they wait for. */
  notify(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
