import { RoomcastError } from "./errors.js";

/** Returns the token. A function is called for every attempt to connect, and before the token of an open connection expires. */
export type TokenProvider = string | (() => string | Promise<string>);

/** The subprotocol that the server answers with. The token is offered as another one, which it never repeats. */
export const SUBPROTOCOL = "roomcast";

/** What a subprotocol may consist of (RFC 9110, token). A JWT always does. */
const SUBPROTOCOL_CHARACTERS = /^[\w!#$%&'*+.^`|~-]+$/;

/** The server accepts tokens of this many bytes. */
const MAX_TOKEN = 8 * 1024;

/** Checks what a provider returned. An error names the mistake, and never repeats the value. */
export function checkToken(token: unknown, inQuery: boolean): string {
  const problem = problemOf(token, inQuery);
  if (problem !== undefined) throw new Error(`the option token gave ${problem}`);
  return token as string;
}

function problemOf(token: unknown, inQuery: boolean): string | undefined {
  if (token === undefined || token === null) return "no token";
  if (typeof token !== "string") return `${typeof token === "object" ? "an object" : `a ${typeof token}`}: return the token as a string`;
  const text = token.trim();
  if (text === "") return "an empty token";
  if (text.startsWith("<")) return "an HTML page: check the address that it fetches";
  if (/^[{["]/.test(text)) return "JSON: return the token in it";
  if (/^Bearer\s/i.test(text)) return 'a header: leave out "Bearer "';
  if (text !== token) return "a token with white space around it: trim() it";
  if (/\s/.test(token)) return "a text with white space in it";
  if (token.length > MAX_TOKEN) return `a token of ${token.length} characters: the server accepts ${MAX_TOKEN}`;
  if (inQuery || SUBPROTOCOL_CHARACTERS.test(token)) return undefined;
  return "a token with characters that a subprotocol cannot have: set the option tokenInQuery";
}

/**
 * When a token expires, in milliseconds since 1970: the `exp` of a JWT, or
 * undefined if it cannot be read. The token is not verified: use this for a
 * timer and for nothing else.
 */
export function expiryOf(token: string): number | undefined {
  const [, payload, signature] = token.split(".");
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const { exp } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as { exp?: unknown };
    return typeof exp === "number" ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/** Why a client is closed whose fixed token has expired. */
export function expired(message: string): RoomcastError {
  return new RoomcastError("token_expired", `${message}; make the option token a function that returns a newer one`);
}
