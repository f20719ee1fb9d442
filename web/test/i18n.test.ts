import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import albumsEn from "@/shared/albums.en-US.json";
import albumsZh from "@/shared/albums.zh-CN.json";
import alertsEn from "@/shared/alerts.en-US.json";
import alertsZh from "@/shared/alerts.zh-CN.json";
import contactsEn from "@/shared/contacts.en-US.json";
import contactsZh from "@/shared/contacts.zh-CN.json";
import en from "@/shared/en-US.json";
import groupsEn from "@/shared/groups.en-US.json";
import groupsZh from "@/shared/groups.zh-CN.json";
import handoversEn from "@/shared/handovers.en-US.json";
import handoversZh from "@/shared/handovers.zh-CN.json";
import lossesEn from "@/shared/losses.en-US.json";
import lossesZh from "@/shared/losses.zh-CN.json";
import markingsEn from "@/shared/markings.en-US.json";
import markingsZh from "@/shared/markings.zh-CN.json";
import staffEn from "@/shared/staff.en-US.json";
import staffZh from "@/shared/staff.zh-CN.json";
import publishedEn from "@/shared/published.en-US.json";
import publishedZh from "@/shared/published.zh-CN.json";
import statisticsEn from "@/shared/statistics.en-US.json";
import statisticsZh from "@/shared/statistics.zh-CN.json";
import tagsEn from "@/shared/tags.en-US.json";
import tagsZh from "@/shared/tags.zh-CN.json";
import waysEn from "@/shared/ways.en-US.json";
import waysZh from "@/shared/ways.zh-CN.json";
import welcomesEn from "@/shared/welcomes.en-US.json";
import welcomesZh from "@/shared/welcomes.zh-CN.json";
import zh from "@/shared/zh-CN.json";

type Words = { [key: string]: string | Words };

/** Keys as paths to their words; plural forms count as one. */
function leaves(words: Words, path = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(words)) {
    const name = path ? `${path}.${key}` : key;
    if (typeof value === "string") found.set(name.replace(/_(one|other)$/, ""), value);
    else for (const [inner, word] of leaves(value, name)) found.set(inner, word);
  }
  return found;
}

function placeholders(text: string): string[] {
  // A count chooses the plural form and need not be said.
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? "").filter((name) => name !== "count").sort();
}

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? sources(path) : /\.tsx?$/.test(name) && !name.endsWith(".d.ts") ? [path] : [];
  });
}

describe("the two languages", () => {
  const [chinese, english] = [leaves({ all: zh, ...albumsZh, ...alertsZh, ...contactsZh, ...groupsZh, ...handoversZh, ...lossesZh, ...markingsZh, ...publishedZh, ...statisticsZh, ...staffZh, ...tagsZh, ...waysZh, ...welcomesZh } as Words), leaves({ all: en, ...albumsEn, ...alertsEn, ...contactsEn, ...groupsEn, ...handoversEn, ...lossesEn, ...markingsEn, ...publishedEn, ...statisticsEn, ...staffEn, ...tagsEn, ...waysEn, ...welcomesEn } as Words)];

  it("have the same keys", () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
  });

  it("have no empty words", () => {
    expect([...chinese, ...english].filter(([, word]) => !word.trim())).toEqual([]);
  });

  it("take the same parameters", () => {
    const differing = [...chinese].filter(([key, word]) => placeholders(word).join() !== placeholders(english.get(key) ?? "").join());
    expect(differing.map(([key]) => key)).toEqual([]);
  });

  it("keep Chinese out of English", () => {
    const allowed = new Set(["all.shell.otherLanguage"]);
    expect([...english].filter(([key, word]) => /[一-鿿]/.test(word) && !allowed.has(key)).map(([key]) => key)).toEqual([]);
  });
});

describe("the sources of the console", () => {
  it("hold no words of their own", () => {
    // Units of compact figures are the formatter's; the language button names the other language.
    const allowed = /format\.ts|TopBar\.tsx|Frame\.tsx/;
    const speaking = [...sources("src/console"), ...sources("src/shared")].filter((path) => {
      if (allowed.test(path)) return false;
      const code = readFileSync(path, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
      return /[一-鿿]/.test(code);
    });
    expect(speaking).toEqual([]);
  });
});
