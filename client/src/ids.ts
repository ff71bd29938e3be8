/** 16 random hex digits. Not randomUUID, which browsers keep to secure contexts. */
function randomHex(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const prefix = randomHex();
let count = 0;

/** A clientId that no other request has, of this page or of another. */
export function newClientId(): string {
  return `${prefix}-${++count}`;
}
