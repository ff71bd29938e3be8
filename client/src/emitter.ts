/** Calls listeners by event name, in the order in which they subscribed. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();

  /** Calls the listener on every such event that `accepts` takes, until the returned function is called. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void, accepts = (_: Events[Name]): boolean => true): () => void {
    if (typeof listener !== "function") throw new TypeError(`invalid listener of ${String(name)}: expected a function`);
    // A wrapper, so that one function can be subscribed twice.
    const entry = (event: Events[Name]) => void (accepts(event) && listener(event));
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(entry));
    return () => void listeners.delete(entry);
  }

  /** Whether the event has a listener. */
  has(name: keyof Events): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  /** Calls the listeners of the event. One that throws does not stop the others. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as (event: Events[Name]) => void)(event);
      } catch (error) {
        // Reported as uncaught, so that the application's tools see it.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
