/** 16 random hex digits. Browsers offer randomUUID in secure contexts only. */
function randomHex(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const prefix = randomHex();
let count = 0;

/** A clientId that no other request has, on this page or another. */
export function newClientId(): string {
  return `${prefix}-${++count}`;
}
