// @vitest-environment node
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";

import { build, type Rolldown } from "vite";
import { beforeAll, describe, expect, it } from "vitest";

const budget = { shell: 290, firstPage: 340, anyPage: 420, side: 125, h5: 100 };

let chunks: Map<string, Rolldown.OutputChunk>;
const weights = new Map<string, number>();

/** Chunks that `names` bring along by static imports, themselves included. */
function graph(...names: string[]): Set<string> {
  const found = new Set<string>();
  const visit = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    for (const next of chunks.get(name)?.imports ?? []) visit(next);
  };
  for (const name of names) visit(name);
  return found;
}

/** Kilobytes of gzipped JavaScript. */
function weight(names: Set<string>): number {
  return [...names].reduce((sum, name) => sum + (weights.get(name) ?? 0), 0) / 1000;
}

/** The chunk that holds a source file as its entry. */
function chunkOf(source: string): string {
  for (const [name, chunk] of chunks) if (chunk.facadeModuleId?.endsWith(source)) return name;
  throw new Error(`no chunk of its own: ${source}`);
}

/** What every page needs: the entry, and the words and calendar of one language. */
function shell(): Set<string> {
  return graph(chunkOf("index.html"), ...["zh-CN.json", "locale/zh_CN.js", "locale/zh-cn.js"].map((source) => chunkOf(source)));
}

function pagesOf(): [string, Rolldown.OutputChunk][] {
  return [...chunks].filter(([, chunk]) => chunk.isDynamicEntry && /src\/console\/\w+\/[A-Z]\w+\.tsx$/.test(chunk.facadeModuleId ?? ""));
}

beforeAll(async () => {
  // The test runner says "test", which would build the slow and large React of development.
  process.env["NODE_ENV"] = "production";
  const root = resolve(import.meta.dirname, "..");
  const built = (await build({ root, logLevel: "error", build: { write: false } })) as Rolldown.RolldownOutput;
  chunks = new Map(built.output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file]] : [])));
  for (const [name, chunk] of chunks) weights.set(name, gzipSync(chunk.code, { level: 6 }).length);
}, 120_000);

describe("what a browser has to fetch", () => {
  it("is at most 290 kB for the console's shell", () => {
    expect(weight(shell())).toBeLessThanOrEqual(budget.shell);
  });

  it("is at most 340 kB for the first page", () => {
    expect(weight(new Set([...shell(), ...graph(chunkOf("today/Today.tsx"))]))).toBeLessThanOrEqual(budget.firstPage);
  });

  it("is at most 420 kB for any page", () => {
    const pages = pagesOf().map(([name]) => [name, Math.round(weight(new Set([...shell(), ...graph(name)])))] as const);
    expect(pages.length).toBeGreaterThan(15);
    expect(pages.filter(([, kilobytes]) => kilobytes > budget.anyPage)).toEqual([]);
  });

  it("holds charts only where one is drawn", () => {
    const drawing = chunkOf("ui/draw.tsx");
    const bound = [["shell", shell()] as const, ...pagesOf().map(([name]) => [name, graph(name)] as const)].filter(([, names]) => names.has(drawing));
    expect(bound.map(([name]) => name)).toEqual([]);
  });

  it("is small for the sidebar and the customer pages", () => {
    expect(weight(graph(chunkOf("side.html")))).toBeLessThanOrEqual(budget.side);
    expect(weight(graph(chunkOf("h5.html")))).toBeLessThanOrEqual(budget.h5);
  });
});
