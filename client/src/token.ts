import { RoomcastError } from "./errors.js";

/** Where tokens come from. A function is called for every attempt to connect, and before the token of an open connection ends. */
export type TokenProvider = string | (() => string | Promise<string>);

/** How the handshake carries the token. */
export type TokenPlace = "subprotocol" | "query";

/** The subprotocol that the server answers with. The token is offered as another one, which it never repeats. */
export const SUBPROTOCOL = "roomcast";

/** What a subprotocol may be made of (RFC 9110, token). A JWT always is. */
const SUBPROTOCOL_CHARACTERS = /^[\w!#$%&'*+.^`|~-]+$/;

/** Checks what a provider gave. The errors do not repeat it. */
export function checkToken(token: unknown, place: TokenPlace): string {
  if (typeof token !== "string" || token === "") throw new Error("the option token gave no token");
  if (place === "query" || SUBPROTOCOL_CHARACTERS.test(token)) return token;
  throw new Error('the token has characters that a subprotocol cannot have: set the option tokenIn to "query"');
}

/**
 * When a token ends, in milliseconds since 1970: the `exp` of a JWT; undefined
 * for what cannot be read as one. Nobody has checked it: it is good for a timer
 * and for nothing else.
 */
export function endOf(token: string): number | undefined {
  const [, payload, signature] = token.split(".");
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const { exp } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as { exp?: unknown };
    return typeof exp === "number" ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/** Why a client is closed whose token has ended and is no function that gives a newer one. */
export function ended(message: string): RoomcastError {
  return new RoomcastError("token_expired", `${message}; connecting again would not help: the option token is no function that gives a newer one`);
}
