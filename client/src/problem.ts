import type { RoomcastError } from "./errors.js";
import type { Problem } from "./events.js";

/** After this many failed attempts in a row something is probably wrong with the set-up. */
const FAILURES = 3;
/** The local gateway has this many milliseconds to say why. */
const ASK_TIMEOUT = 2_000;

const URL_HINT = "check that the URL names the stage: wss://HOST/STAGE";

/** What to do about the status of a refused handshake. */
const HINTS: Readonly<Record<number, string>> = {
  400: "check the option userId: open authentication requires it",
  401: "check the token's signature, issuer, audience and expiry",
  403: `${URL_HINT}, and that the user may connect`,
  429: "close connections of this user or address",
};

/** Notices that attempts to connect keep failing, and finds out why as far as possible. */
export class Diagnosis {
  readonly #report: (problem: Problem) => void;
  #failures = 0;
  #asking = false;
  #stopAsking = (): void => {};
  #reported: string | undefined;

  /** Reports the reason once for a row of failures, and again when it changes. */
  constructor(report: (problem: Problem) => void) {
    this.#report = report;
  }

  /** A connection is open. */
  opened(): void {
    this.#failures = 0;
    this.#reported = undefined;
  }

  /** Stops: the client is closed. */
  close(): void {
    this.#stopAsking();
  }

  /** An attempt to connect failed. The URL is undefined if its provider failed. */
  async failed(error: RoomcastError, url: string | undefined): Promise<void> {
    if (++this.#failures < FAILURES || this.#asking) return;
    this.#asking = true;
    const abort = new AbortController();
    this.#stopAsking = () => abort.abort();
    const said = await askLocalGateway(url, abort);
    this.#asking = false;
    const attempts = this.#failures;
    // A connection has opened meanwhile.
    if (attempts < FAILURES) return;
    const status = said?.status ?? statusIn(error.message);
    const reason = said?.reason ?? error.message;
    if (reason === this.#reported) return;
    this.#reported = reason;
    this.#report({ attempts, reason, hint: hintFor(status, url), status, error });
  }
}

/** The HTTP status in an error of the package ws. */
function statusIn(message: string): number | undefined {
  const status = /server response: (\d{3})/.exec(message)?.[1];
  return status === undefined ? undefined : Number(status);
}

function hintFor(status: number | undefined, url: string | undefined): string {
  if (status !== undefined && status >= 500) return "check the logs of the authorizer and the connect function";
  if (status !== undefined) return HINTS[status] ?? URL_HINT;
  if (url === undefined) return "check the options url and token: a function failed";
  const { onLine } = (globalThis as { navigator?: { onLine?: boolean } }).navigator ?? {};
  if (onLine === false) return "this device is offline: the client connects when it is back";
  return `check that the server runs and accepts the token; ${URL_HINT}. A browser does not show why a handshake failed`;
}

/** Asks the gateway of `roomcast up` why it refused the handshake, which a browser does not show. Undefined elsewhere. */
async function askLocalGateway(url: string | undefined, abort: AbortController): Promise<{ readonly status: number; readonly reason: string } | undefined> {
  const target = url === undefined ? undefined : new URL(url);
  if (target === undefined || !/^(localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/.test(target.hostname)) return undefined;
  const timer = setTimeout(() => abort.abort(), ASK_TIMEOUT);
  try {
    const scheme = target.protocol === "wss:" ? "https:" : "http:";
    const at = `${scheme}//${target.host}/_roomcast/refusal?path=${encodeURIComponent(target.pathname)}`;
    const answer = await fetch(at, { signal: abort.signal });
    const { status, reason } = (await answer.json()) as { status?: unknown; reason?: unknown };
    return answer.ok && typeof status === "number" && typeof reason === "string" ? { status, reason } : undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
