import { resolve } from "node:path";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { fakeApi } from "./dev/fake.ts";
import { fronts } from "./dev/fronts.ts";

const here = import.meta.dirname;

/** Plain file names and relative addresses: the server mounts the files under a build id of its own and caches them for ever. */
export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [react(), fronts(), mode === "fake" && fakeApi()],
  resolve: { alias: { "@": resolve(here, "src") } },
  build: {
    outDir: resolve(here, "../src/siyu/app/static"),
    emptyOutDir: true,
    target: ["chrome80", "safari14"],
    manifest: true,
    reportCompressedSize: false,
    // Sizes are held by test/budget.test.ts, by page and packed.
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      // Its index assigns to what it exports, which would bring every form to the log-in page; none of its modules acts on import.
      treeshake: { moduleSideEffects: [{ test: /@rc-component\/form\//, sideEffects: false }] },
      input: { console: resolve(here, "index.html"), side: resolve(here, "side.html"), h5: resolve(here, "h5.html") },
      output: { entryFileNames: "assets/[name].js", chunkFileNames: "assets/[name].js", assetFileNames: "assets/[name][extname]" },
    },
  },
  ...(mode === "fake" ? {} : { server: { proxy: { "/api": { target: process.env["SIYU_URL"] ?? "http://127.0.0.1:8000" } } } }),
  test: { environment: "happy-dom", include: ["test/**/*.test.{ts,tsx}"], css: false },
}));
