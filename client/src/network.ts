/**
 * What may have happened to the network: it is back, or gone, for all that the
 * platform knows; or the application goes on after it was in the background or
 * the machine asleep, so that connections may have died unnoticed.
 */
export type NetworkChange = "online" | "offline" | "resume";

/** Starts to listen for changes of the network, and returns what stops that, if anything does. */
export type NetworkSource = (changed: (change: NetworkChange) => void) => (() => void) | void;

/** Starts a source, and returns what stops it. Throws a TypeError where it returned something that cannot be called. */
export function listen(source: NetworkSource, changed: (change: NetworkChange) => void): () => void {
  const stop: unknown = source(changed);
  if (typeof stop === "function") return stop as () => void;
  if (stop === undefined || stop === null) return () => undefined;
  throw new TypeError(`option network must return a function that stops listening, or nothing, got ${typeof stop}`);
}

/** How often to look whether the machine has slept, in milliseconds. */
const LOOK = 3_000;
/** A timer that comes so much later than it should was held up: the machine slept, or the page was frozen. */
const SLEPT = 3_000;

/** What a browser's window and document have of this. Node and React Native have none of it. */
type Listened = Pick<EventTarget, "addEventListener" | "removeEventListener">;

/**
 * The platform's own events: `online` and `offline` of the window, a page that
 * becomes visible, comes back from the back/forward cache or is unfrozen; and,
 * on every platform, a clock that has jumped ahead.
 */
export const platformNetwork = (changed: (change: NetworkChange) => void): (() => void) => {
  const stops: (() => void)[] = [watchClock(() => changed("resume"))];
  const hear = (target: Partial<Listened> | undefined, name: string, heard: () => void) => {
    if (typeof target?.addEventListener !== "function") return;
    target.addEventListener(name, heard);
    stops.push(() => target.removeEventListener?.(name, heard));
  };
  const page = globalThis as Partial<Listened> & { readonly document?: Listened };
  hear(page, "online", () => changed("online"));
  hear(page, "offline", () => changed("offline"));
  hear(page, "pageshow", () => changed("resume"));
  hear(page.document, "resume", () => changed("resume"));
  hear(page.document, "visibilitychange", () => {
    if (!isHidden()) changed("resume");
  });
  return () => {
    for (const stop of stops) stop();
  };
};

/** Who wants to know that the machine slept. One timer serves all clients. */
const watching = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Calls `slept` when a timer came so late that the machine must have slept. A page in the background has slow timers anyway. */
function watchClock(slept: () => void): () => void {
  watching.add(slept);
  if (timer === undefined) look(Date.now());
  return () => {
    watching.delete(slept);
    if (watching.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
  };
}

function look(last: number): void {
  timer = setTimeout(() => {
    const now = Date.now();
    look(now);
    if (now - last <= LOOK + SLEPT || isHidden()) return;
    for (const slept of [...watching]) slept();
  }, LOOK);
  // In Node a timer keeps the process alive, which only the connection is to do.
  if (typeof timer === "object") (timer as { unref?: () => void }).unref?.();
}

function isHidden(): boolean {
  return (globalThis as { document?: { visibilityState?: string } }).document?.visibilityState === "hidden";
}
