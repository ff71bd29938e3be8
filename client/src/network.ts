/**
 * What may have happened to the network: it is back or gone, as far as the
 * platform knows; or the application resumes from the background or the machine
 * from sleep, and connections may have died unnoticed.
 */
export type NetworkChange = "online" | "offline" | "resume";

/** Starts to listen for changes of the network. May return a function that stops listening. */
export type NetworkSource = (changed: (change: NetworkChange) => void) => (() => void) | void;

/** Starts a source, and returns a function that stops it. Throws a TypeError if it returned anything else than a function or nothing. */
export function listen(source: NetworkSource, changed: (change: NetworkChange) => void): () => void {
  const stop: unknown = source(changed);
  if (typeof stop === "function") return stop as () => void;
  if (stop === undefined || stop === null) return () => undefined;
  throw new TypeError(`invalid option network: expected it to return a function or nothing, got ${typeof stop}`);
}

/** How often to check whether the machine has slept, in milliseconds. */
const LOOK = 3_000;
/** If a timer is this late, in milliseconds, the machine slept or the page was frozen. */
const SLEPT = 3_000;

/** What a browser's window and document have, and Node and React Native do not. */
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

/** Calls `slept` when a timer is so late that the machine must have slept. A page in the background has slow timers anyway. */
function watchClock(slept: () => void): () => void {
  let last = Date.now();
  const timer = setInterval(() => {
    const elapsed = Date.now() - last;
    last += elapsed;
    if (elapsed > LOOK + SLEPT && !isHidden()) slept();
  }, LOOK);
  // In Node a timer would keep the process alive, which is for the connection to do.
  if (typeof timer === "object") (timer as { unref?: () => void }).unref?.();
  return () => clearInterval(timer);
}

function isHidden(): boolean {
  return (globalThis as { document?: { visibilityState?: string } }).document?.visibilityState === "hidden";
}
