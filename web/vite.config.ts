import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  // Relative, so that the built page works under any path.
  base: "./",
  plugins: [react()],
  resolve: {
    // The client is used from its sources next door, without a build or an install there ...
    alias: { "@roomcast/client": fileURLToPath(new URL("../client/src/index.ts", import.meta.url)) },
    // ... so what it imports has to be found from here.
    dedupe: ["partysocket"],
  },
  server: { fs: { allow: [".", "../client/src"] } },
});
