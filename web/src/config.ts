/** Where `roomcast up` says which WebSocket URL belongs to this page. */
const CONFIG = "_roomcast/config.json";

/**
 * Finds the WebSocket URL: `?ws=` in the page's address, for development, or
 * the server's own word.
 */
export async function webSocketUrl(): Promise<string> {
  const given = new URLSearchParams(location.search).get("ws");
  if (given) return given;
  const response = await fetch(new URL(CONFIG, document.baseURI), { cache: "no-store" }).catch(() => undefined);
  if (response === undefined) throw new Error("The server does not answer.");
  if (response.status === 503) throw new Error("The stack is still starting.");
  const config = (await response.json().catch(() => ({}))) as { webSocketUrl?: unknown };
  if (!response.ok || typeof config.webSocketUrl !== "string") {
    throw new Error(`This server has no ${CONFIG} (HTTP ${response.status}). Name a WebSocket URL with ?ws= in the page's address.`);
  }
  return config.webSocketUrl;
}
