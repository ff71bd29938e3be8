/**
 * Passes on at most one value an interval: the first at once, then the newest.
 * Values in between are dropped.
 */
export class Throttle<T> {
  readonly #interval: number;
  readonly #pass: (value: T) => void;
  #latest: { value: T } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Makes a throttle that calls `pass` at most every `interval` milliseconds. */
  constructor(interval: number, pass: (value: T) => void) {
    this.#interval = interval;
    this.#pass = pass;
  }

  /** Offers a value. */
  push(value: T): void {
    this.#latest = { value };
    if (this.#timer === undefined) this.#next();
  }

  /** Forgets a value that waits. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#latest = undefined;
  }

  #next = (): void => {
    this.#timer = undefined;
    if (this.#latest === undefined) return;
    const { value } = this.#latest;
    this.#latest = undefined;
    this.#timer = setTimeout(this.#next, this.#interval);
    this.#pass(value);
  };
}
