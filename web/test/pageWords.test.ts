import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

import { describe, expect, it } from "vitest";

type Words = { [key: string]: string | Words };

const base = wordsIn("");
const pagesFile = normalize("src/console/pages.tsx");

/** The words of one part, or those that every page has. */
function wordsIn(part: string): Words {
  return JSON.parse(readFileSync(join("src/shared", `${part ? `${part}.` : ""}zh-CN.json`), "utf8")) as Words;
}

/** What stands at a path of keys: a word, a group of words, or nothing. Plural forms count as the word itself. */
function at(words: Words, path: string): string | Words | undefined {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const node = keys.reduce<string | Words | undefined>((found, key) => (typeof found === "object" ? found[key] : undefined), words);
  return typeof node === "object" ? (node[last] ?? node[`${last}_other`]) : undefined;
}

function fileOf(specifier: string, importer: string): string | null {
  if (!/^(@\/|\.)/.test(specifier)) return null;
  const path = specifier.startsWith("@/") ? join("src", specifier.slice(2)) : join(dirname(importer), specifier);
  return [path, `${path}.tsx`, `${path}.ts`].find((one) => /\.tsx?$/.test(one) && existsSync(one)) ?? null;
}

/** Literals of a source that name words: a key, or for a computed one the group that it must lie in. Names of rights look alike and are left out. */
function keysIn(code: string): Set<string> {
  const spoken = code.replace(/\b(permission|may|needs)\s*[:=]\s*\{?"[^"]*"/g, "").replace(/useMay\("[^"]*"\)/g, "");
  const found = new Set<string>();
  for (const [, key = ""] of spoken.matchAll(/"([a-z]\w*(?:\.\w+)+)"/g)) found.add(key);
  for (const [, group = ""] of spoken.matchAll(/`([a-z]\w*(?:\.\w+)*)\.\$\{/g)) found.add(group);
  for (const [, group = ""] of spoken.matchAll(/(?:\bwords?(?:Of)?\(|<StatusTag group=)"(\w+)"/g)) found.add(group);
  return found;
}

/** Every (source, key) that is read while its words are not there, over all that `entry` leads to; a page's words come with `withWords`. */
function unspoken(entry: string): string[] {
  const known = new Set(Object.keys(base));
  const pages = readFileSync(pagesFile, "utf8");
  for (const [, part = ""] of pages.matchAll(/withWords\("(\w+)"/g)) for (const key of Object.keys(wordsIn(part))) known.add(key);
  const missing = new Set<string>();
  const visited = new Set<string>();
  const visit = (file: string, parts: readonly string[]) => {
    const place = [file, ...parts].join(" ");
    if (visited.has(place) || (file === pagesFile && parts.length > 0)) return;
    visited.add(place);
    const code = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "").replace(/import type [^;]*;/g, "");
    const words = [base, ...parts.map(wordsIn)];
    for (const key of keysIn(code)) {
      const [first = ""] = key.split(".");
      if (known.has(first) && words.every((one) => at(one, key) === undefined)) missing.add(`${file}: ${key}`);
    }
    for (const [, part, specifier = ""] of code.matchAll(/(?:withWords\("(\w+)",\s*)?(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g)) {
      const next = fileOf(specifier, file);
      if (next) visit(next, part && !parts.includes(part) ? [...parts, part].sort() : parts);
    }
  };
  visit(normalize(entry), []);
  expect(visited.size).toBeGreaterThan(100);
  return [...missing].sort();
}

describe("the words of a page", () => {
  it("are fetched with it", () => {
    expect(unspoken("src/console/main.tsx")).toEqual([]);
  });
});
