import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  // Relative, so that the built page works under any path.
  base: "./",
  plugins: [react()],
  resolve: {
    // The client's sources, without a build or an install of the client.
    alias: { "@roomcast/client": fileURLToPath(new URL("../client/src/index.ts", import.meta.url)) },
  },
  server: { fs: { allow: [".", "../client/src"] } },
});
