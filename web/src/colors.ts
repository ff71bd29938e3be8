/** Dark enough for white text, and far enough apart to be distinguished. */
const COLORS = ["#c2410c", "#be185d", "#7e22ce", "#1d4ed8", "#0e7490", "#15803d", "#a16207", "#b91c1c", "#4338ca", "#0f766e"];

/** The colour of a user: the same in every window. */
export function colorOf(user: string): string {
  // FNV-1a, and a last mix: without it short names share too many colours.
  let hash = 0x811c9dc5;
  for (const char of user) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return COLORS[((hash ^ (hash >>> 13)) >>> 0) % COLORS.length]!;
}

/** A colour from the network, if it is a plain one, or else the user's own. */
export function safeColor(color: string | undefined, user: string): string {
  return color !== undefined && /^#[0-9a-f]{6}$/i.test(color) ? color : colorOf(user);
}

/** One or two letters for a user. */
export function initials(user: string): string {
  const words = user.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return words.slice(0, 2).map((word) => [...word][0]!.toUpperCase()).join("") || "?";
}
