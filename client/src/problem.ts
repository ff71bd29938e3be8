import type { RoomcastError } from "./errors.js";
import type { Problem } from "./events.js";

/** After so many attempts in a row that failed something is wrong that does not pass by itself. */
const FAILURES = 3;
/** The local gateway has so many milliseconds to say why. */
const ASK_TIMEOUT = 2_000;

/** What to do about the status with which a handshake was refused. */
const HINTS: Readonly<Record<number, string>> = {
  400: "the query of the handshake is wrong: where authentication is open, the option userId has to be given, with 1 to 128 characters",
  401: "the token is missing or not accepted: check the option token, and the token's signature, issuer, audience and expiry",
  403: "check that the URL names the stage (wss://HOST/STAGE) and that the user may connect",
  404: "check the URL, which has to name the stage (wss://HOST/STAGE)",
  414: "the URL is too long, perhaps because of the token in it: API Gateway takes 4096 characters",
  426: "what answers there is no WebSocket API: check the URL",
  429: "too many connections of this user or address, or too many attempts: close some, or wait",
};

const UNKNOWN =
  "browsers do not say why a handshake fails: check that the server runs, that the URL names the stage (wss://HOST/STAGE), " +
  "and that the token is accepted (signature, issuer, audience, expiry)";

/** Notices that connecting fails again and again, and finds out why as far as possible. */
export class Diagnosis {
  readonly #report: (problem: Problem) => void;
  #failures = 0;
  #asking = false;
  #stopAsking = (): void => {};
  #reported: string | undefined;

  /** Makes a diagnosis that reports its findings: once in a row of failures, and again when the reason changes. */
  constructor(report: (problem: Problem) => void) {
    this.#report = report;
  }

  /** Takes in that a connection is open. */
  opened(): void {
    this.#failures = 0;
    this.#reported = undefined;
  }

  /** Stops finding out: the client is closed. */
  close(): void {
    this.#stopAsking();
  }

  /** Takes in that an attempt to connect to the URL failed; the URL is unknown where a provider failed. */
  async failed(error: RoomcastError, url: string | undefined): Promise<void> {
    if (++this.#failures < FAILURES || this.#asking) return;
    this.#asking = true;
    const abort = new AbortController();
    this.#stopAsking = () => abort.abort();
    const said = await askLocalGateway(url, abort);
    this.#asking = false;
    const attempts = this.#failures;
    // It has opened meanwhile.
    if (attempts < FAILURES) return;
    const status = said?.status ?? statusIn(error.message);
    const reason = said?.reason ?? error.message;
    if (reason === this.#reported) return;
    this.#reported = reason;
    this.#report({ attempts, reason, hint: hintFor(status, url), status, error });
  }
}

/** The HTTP status that the WebSocket class of package ws names. */
function statusIn(message: string): number | undefined {
  const status = /server response: (\d{3})/.exec(message)?.[1];
  return status === undefined ? undefined : Number(status);
}

function hintFor(status: number | undefined, url: string | undefined): string {
  if (status !== undefined && status >= 500) return "the authorizer or the connect function failed: its log says why";
  if (status !== undefined) return HINTS[status] ?? `the handshake was answered with status ${status}: check the URL`;
  if (url === undefined) return "check the options url and token: the function that gives it failed";
  const { onLine } = (globalThis as { navigator?: { onLine?: boolean } }).navigator ?? {};
  return onLine === false ? "this device is offline: the client connects by itself when it is back" : UNKNOWN;
}

/** Asks the gateway of a local run why it refused the handshake: a browser does not show that. Undefined elsewhere. */
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
