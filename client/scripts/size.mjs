// Prints the size of the client in a page: minified, and compressed by gzip.
// Fails above the limit, so that growing is a decision.

import { gzipSync } from "node:zlib";
import { build } from "vite";

/** The limit of the compressed size, in bytes. */
const LIMIT = 16 * 1024;

const entry = new URL("../src/index.ts", import.meta.url).pathname;
const { output } = (
  await build({
    configFile: false,
    logLevel: "warn",
    build: { write: false, target: "es2022", minify: true, lib: { entry, formats: ["es"], fileName: "client" } },
  })
)[0];
const { code } = output[0];
// Vite keeps white space in a library: an application's build removes it.
const { minify } = await import("rolldown/utils");
const small = (await minify("client.js", code, { module: true })).code;
const size = gzipSync(small, { level: 9 }).length;
console.log(`${small.length} bytes, ${size} compressed, of at most ${LIMIT}`);
if (size > LIMIT) process.exitCode = 1;
