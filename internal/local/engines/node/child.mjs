// What both engines have in common: they live as long as their parent, tell it
// on which port they listen, and answer no web page.

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

// A web page can reach any port of 127.0.0.1, and the engines check no
// signatures. Browsers tell on a page by its Origin or, when a name of its own
// site leads here, by the Host.
export function refuseWebPages(server) {
  const listeners = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", function (request, response) {
    const { origin, host } = request.headers;
    if (origin !== undefined || !/^(127\.0\.0\.1|localhost):\d+$/.test(host)) {
      response.writeHead(403).end();
      return;
    }
    for (const listener of listeners) listener.call(this, request, response);
  });
}
