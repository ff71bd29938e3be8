// What both engines have in common: they live as long as their parent, and
// tell it on which port they listen.

// The parent holds the other end of stdin and never writes to it: the end of
// stdin is the end of the parent, however it came about.
export function endWithParent() {
  process.stdin.on("end", () => process.exit(0));
  process.stdin.on("error", () => process.exit(0));
  process.stdin.resume();
}

// The one line that the parent waits for.
export function announce(port) {
  process.stdout.write(JSON.stringify({ port }) + "\n");
}

// Callers keep their connections open. Node would close an idle one after
// seconds, just when a caller may be sending the next request on it.
export function keepConnections(server) {
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.headersTimeout = 0;
}
