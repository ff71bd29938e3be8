import { RoomcastError } from "./errors.js";

/** Where tokens come from. A function is called for every attempt to connect, and before the token of an open connection ends. */
export type TokenProvider = string | (() => string | Promise<string>);

/** How the handshake carries the token. */
export type TokenPlace = "subprotocol" | "query";

/** The subprotocol that the server answers with. The token is offered as another one, which it never repeats. */
export const SUBPROTOCOL = "roomcast";

/** What a subprotocol may be made of (RFC 9110, token). A JWT always is. */
const SUBPROTOCOL_CHARACTERS = /^[\w!#$%&'*+.^`|~-]+$/;

/** The server takes no longer token, in bytes. */
const MAX_TOKEN = 8 * 1024;

/** Checks what a provider gave. The errors say what it is instead of a token, and do not repeat it. */
export function checkToken(token: unknown, place: TokenPlace): string {
  const problem = problemOf(token, place);
  if (problem === undefined) return token as string;
  throw new Error(problem);
}

function problemOf(token: unknown, place: TokenPlace): string | undefined {
  if (token === undefined || token === null) return "the option token gave no token";
  if (typeof token !== "string") return `the option token gave ${typeof token === "object" ? "an object" : `a ${typeof token}`}, not a string: return the token itself`;
  const text = token.trim();
  if (text === "") return "the option token gave no token but an empty text";
  if (text.startsWith("<")) {
    return "the option token gave an HTML page, not a token: something else answers at the address it asks, " +
      "such as a dev server or a login page; check the address and the response's status";
  }
  if (/^[{["]/.test(text)) return "the option token gave JSON, not a token: parse it, and return the text of the token";
  if (/^Bearer\s/i.test(text)) return 'the option token gave a header, not a token: leave out "Bearer "';
  if (text !== token) return "the token has white space around it, such as the line break at the end of a file: trim() it";
  if (/\s/.test(token)) return "the option token gave a text with white space in it, not a token";
  if (token.length > MAX_TOKEN) return `the token has ${token.length} characters, more than the ${MAX_TOKEN} that the server takes`;
  if (place === "query" || SUBPROTOCOL_CHARACTERS.test(token)) return undefined;
  return 'the token has characters that a subprotocol cannot have: set the option tokenIn to "query"';
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
