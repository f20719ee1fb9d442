// @vitest-environment node
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import openapiTS, { astToString } from "openapi-typescript";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const python = join(root, ".venv", "bin", "python");

/** The file without what a generator says about itself. */
function shapes(text: string): string {
  return text.slice(text.indexOf("export interface paths")).trim();
}

describe("the API's types", () => {
  it.skipIf(!existsSync(python))(
    "are those of the server's OpenAPI document (else: npm run api)",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "siyu-openapi-"));
      const file = join(folder, "openapi.json");
      execFileSync(python, ["-m", "siyu.app.cli", "openapi", file], { cwd: root, stdio: "pipe" });
      const fresh = astToString(await openapiTS(pathToFileURL(file)));
      rmSync(folder, { recursive: true });
      expect(shapes(readFileSync(join(root, "web/src/shared/api.gen.d.ts"), "utf8")) === shapes(fresh)).toBe(true);
    },
    120_000,
  );
});
