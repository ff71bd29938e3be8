/** The user and the room of this window. */
export interface Session {
  readonly user: string;
  readonly room: string;
}

/** The longest name that the server accepts. */
export const MAX_NAME = 128;

const QUALITIES = ["amber", "brisk", "calm", "clever", "coral", "early", "gentle", "golden", "lucky", "mellow", "quiet", "silver", "sunny", "swift", "tidy", "warm"];
const ANIMALS = ["badger", "crane", "dolphin", "falcon", "finch", "fox", "hare", "heron", "lynx", "marten", "otter", "owl", "puffin", "robin", "seal", "wren"];

/** A name that is easy to distinguish from others. */
export function randomName(): string {
  const pick = (words: readonly string[]) => words[Math.floor(Math.random() * words.length)]!;
  return `${pick(QUALITIES)}-${pick(ANIMALS)}`;
}

/** Reads the session from the page's query, with defaults for what is missing. */
export function readSession(): Session {
  const query = new URLSearchParams(location.search);
  return { user: query.get("user")?.trim() || randomName(), room: query.get("room")?.trim() || "lobby" };
}

/** The page's address for a session. Other parameters of the query stay. */
export function sessionAddress(session: Session): string {
  const url = new URL(location.href);
  url.searchParams.set("room", session.room);
  url.searchParams.set("user", session.user);
  return url.href;
}
