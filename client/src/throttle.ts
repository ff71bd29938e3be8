/**
 * Passes on at most one value an interval: the first at once, then the newest.
 * Values in between are dropped.
 */
export class Throttle<T> {
  readonly #pass: (value: T) => boolean;
  #interval: number;
  #latest: { readonly value: T } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #began = 0;

  /**
   * Makes a throttle that calls `pass` at most every `interval` milliseconds. A
   * value for which it returns false is offered again after the interval, unless
   * a newer one is there by then.
   */
  constructor(interval: number, pass: (value: T) => boolean) {
    this.#interval = interval;
    this.#pass = pass;
  }

  /** Offers a value. */
  push(value: T): void {
    this.#latest = { value };
    if (this.#timer === undefined) this.#next();
  }

  /** Changes the interval, also the current one. */
  change(interval: number): void {
    this.#interval = interval;
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    // No longer than the interval, in case the clock was set back.
    this.#timer = setTimeout(this.#next, Math.min(interval, this.#began + interval - Date.now()));
  }

  /** Forgets a value that waits. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#latest = undefined;
  }

  #next = (): void => {
    this.#timer = undefined;
    const latest = this.#latest;
    if (latest === undefined) return;
    this.#latest = undefined;
    this.#began = Date.now();
    this.#timer = setTimeout(this.#next, this.#interval);
    if (!this.#pass(latest.value)) this.#latest ??= latest;
  };
}
