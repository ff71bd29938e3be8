/** Where `roomcast up` says what runs behind this page. */
const CONFIG = "_roomcast/config.json";

/** Where `roomcast up` issues tokens, in place of an application's login. */
const TOKEN = "_roomcast/token";

/** What runs behind this page. */
export interface Server {
  readonly webSocketUrl: string;
  /** Whether a user needs a token, or only a name. */
  readonly auth: "open" | "token";
}

/**
 * Finds what runs behind this page: the URL in `?ws=` of the page's address,
 * for development, or the server's configuration.
 */
export async function findServer(): Promise<Server> {
  const given = new URLSearchParams(location.search).get("ws");
  if (given) return { webSocketUrl: given, auth: "open" };
  const response = await ask(CONFIG);
  if (response.status === 503) throw new Error("The stack is still starting.");
  const config = (await response.json().catch(() => ({}))) as { webSocketUrl?: unknown; auth?: unknown };
  if (!response.ok || typeof config.webSocketUrl !== "string") {
    throw new Error(`This server has no ${CONFIG} (HTTP ${response.status}). Add a WebSocket URL as ?ws= to the page's address.`);
  }
  return { webSocketUrl: config.webSocketUrl, auth: config.auth === "token" ? "token" : "open" };
}

/** Fetches a token for the user. */
export async function fetchToken(user: string): Promise<string> {
  const response = await ask(`${TOKEN}?userId=${encodeURIComponent(user)}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`The server issued no token: ${text.trim()}`);
  return text;
}

async function ask(path: string): Promise<Response> {
  const response = await fetch(new URL(path, document.baseURI), { cache: "no-store" }).catch(() => undefined);
  if (response === undefined) throw new Error("The server does not answer.");
  return response;
}
