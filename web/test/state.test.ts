import { describe, expect, it } from "vitest";

import { menuPathOf } from "@/console/pages";
import { emptyDraft, placeOf, problemsOf, rebased, sameContent, sameInstant } from "@/console/broadcasts/draft";
import { doubled, missing } from "@/console/imports/mappingChecks";
import { averageCurve } from "@/console/measure/cohorts";
import { inOrder } from "@/console/measure/order";
import * as welcome from "@/console/welcomes/draft";
import { preferredLanguage } from "@/shared/i18n";
import { byteLength, placeholders } from "@/shared/message";
import { tint } from "@/shared/theme";
import { lastDay } from "@/shared/ui/RevenueChart";
import { address, merged, parseSearch, stringifySearch } from "@/shared/urlState";
import { instantOf } from "@/shared/zone";

describe("the address", () => {
  it("keeps text as it was typed", () => {
    const state = { q: "王 & 李=1", stage: "new", zip: "0012" };
    expect(parseSearch(stringifySearch(state))).toEqual(state);
  });

  it("leaves out what is empty", () => {
    expect(stringifySearch({ q: "", stage: undefined })).toBe("");
    expect(address("/customers", { rfm: "5-4", q: undefined })).toBe("/customers?rfm=5-4");
    expect(merged({ q: "a", cursor: "x" }, { cursor: undefined, stage: "new" })).toEqual({ q: "a", stage: "new" });
  });
});

describe("menuPathOf", () => {
  it("marks the list that a page belongs to", () => {
    expect(menuPathOf("/")).toBe("/");
    expect(menuPathOf("/customers/0198")).toBe("/customers");
    expect(menuPathOf("/settings/audit")).toBe("/settings/audit");
    expect(menuPathOf("/account")).toBe("");
  });
});

describe("preferredLanguage", () => {
  it("is the chosen one, else the browser's, else Chinese", () => {
    expect(preferredLanguage("en-US", ["zh-CN"])).toBe("en-US");
    expect(preferredLanguage(null, ["en-GB"])).toBe("en-US");
    expect(preferredLanguage(null, ["zh-TW"])).toBe("zh-CN");
    expect(preferredLanguage("xx", ["fr"])).toBe("zh-CN");
  });
});

describe("a broadcast's draft", () => {
  it("counts bytes as WeCom does", () => {
    expect(byteLength("春茶a")).toBe(7);
  });

  it("says what is missing at each step", () => {
    expect(problemsOf(emptyDraft, "audience", 0)).toEqual(["name", "segment"]);
    expect(problemsOf({ ...emptyDraft, name: "春茶", segmentId: "1" }, "audience", 0)).toEqual([]);
    expect(problemsOf(emptyDraft, "content", 0)).toEqual(["text"]);
    expect(problemsOf({ ...emptyDraft, text: "茶".repeat(1334), linkUrl: "shop.cn" }, "content", 1)).toEqual(["long", "url", "place", "words"]);
  });

  it("has a place for its link, as the server asks", () => {
    const written = { ...emptyDraft, text: "新茶到店" };
    const linked = { ...written, linkUrl: "https://shop.cn/" };
    expect(problemsOf(linked, "content", 0)).toEqual(["place"]);
    expect(problemsOf({ ...linked, text: "看 {link}" }, "content", 0)).toEqual([]);
    expect(problemsOf({ ...linked, linkTitle: "进店" }, "content", 0)).toEqual([]);
    expect(problemsOf({ ...written, text: "看 {link}" }, "content", 0)).toEqual(["link"]);
    expect(problemsOf({ ...written, linkTitle: "进店" }, "content", 0)).toEqual(["cardLink"]);
  });

  it("keeps what was typed when another changes the rest", () => {
    const read = { ...emptyDraft, name: "春茶", text: "到店", sendAt: "2026-03-03T02:00:00Z" };
    const now = { ...read, name: "夏茶", text: "别的话", sendAt: null };
    expect(rebased({ ...read, text: "我写的", sendAt: "2026-03-03T02:00:00.000Z" }, read, now)).toEqual({ ...now, text: "我写的" });
    expect(sameInstant(null, null)).toBe(true);
    expect(sameInstant(null, read.sendAt)).toBe(false);
  });

  it("has a place of its own for each account, draft and segment", () => {
    const addresses = [{}, { segment: "1" }, { segment: "2" }, { draft: "1" }, { draft: "2", segment: "1" }];
    const places = ["a", "b"].flatMap((account) => addresses.map((address) => placeOf(account, address)));
    expect(new Set(places).size).toBe(places.length);
    expect(placeOf("a", { draft: "1" })).toBe(placeOf("a", { draft: "1", segment: "1" }));
  });

  it("names what nobody fills in", () => {
    const linked = { ...emptyDraft, text: "{name} 看 {link}", linkUrl: "https://shop.cn/" };
    expect(problemsOf(linked, "content", 0)).toEqual(["placeholder"]);
    expect(problemsOf({ ...linked, text: "看 {link}", linkTitle: "{link}" }, "content", 0)).toEqual(["titlePlaceholder"]);
    expect(placeholders("｛客户｝{ a } {} {满 减，}")).toEqual(["｛客户｝", "{ a }"]);
  });

  it("keeps within WeCom's bytes", () => {
    const linked = { ...emptyDraft, text: "新茶到店", linkUrl: "https://shop.cn/" };
    expect(problemsOf({ ...linked, linkTitle: "字".repeat(42) }, "content", 0)).toEqual([]);
    expect(problemsOf({ ...linked, linkTitle: "字".repeat(43) }, "content", 0)).toEqual(["cardTitle"]);
    expect(problemsOf({ ...linked, text: `${"x".repeat(3900)}{link}` }, "content", 0)).toEqual([]);
    expect(problemsOf({ ...linked, text: `${"x".repeat(3901)}{link}` }, "content", 0)).toEqual(["long"]);
  });

  it("is saved anew only when its content changed", () => {
    const material = { id: "1", title: "x", text: "春茶", link_url: null, link_title: null, words: [] };
    expect(sameContent({ ...emptyDraft, text: "春茶" }, material as never)).toBe(true);
    expect(sameContent({ ...emptyDraft, text: "春茶", linkUrl: "https://a.cn" }, material as never)).toBe(false);
  });
});

describe("an import's mapping", () => {
  it("finds columns used twice and required fields without one", () => {
    const mapping = { order_no: "No", sku: "No", paid_at: null };
    expect([...doubled(mapping)]).toEqual(["No"]);
    expect(missing([{ field: "order_no", required: true }, { field: "paid_at", required: true }, { field: "city", required: false }], mapping).map((one) => one.field)).toEqual(["paid_at"]);
  });
});

describe("averageCurve", () => {
  it("weighs by size and only counts cohorts that reached the month", () => {
    const cohorts = [
      { cohort: "2026-01", size: 100, counts: [100, 50, 20] },
      { cohort: "2026-02", size: 300, counts: [300, 30] },
    ];
    expect(averageCurve(cohorts)).toEqual([1, 80 / 400, 20 / 100]);
    expect(averageCurve([])).toEqual([]);
  });
});

describe("small decisions", () => {
  it("limits must ascend", () => {
    expect(inOrder([1, 2, 2, null], 1)).toBe(true);
    expect(inOrder([1, 2, 2, null], 2)).toBe(false);
    expect(inOrder([1, 2, 2, null], 3)).toBe(true);
  });

  it("tints stay between 4 and 50 percent", () => {
    expect(tint(-1)).toContain("0.040");
    expect(tint(2)).toContain("0.500");
  });

  it("knows the last day of a month", () => {
    expect(lastDay("2024-02")).toBe("2024-02-29");
    expect(lastDay("2025-12")).toBe("2025-12-31");
  });
});

describe("instantOf", () => {
  it("reads the wall clock of the brand's zone", () => {
    expect(instantOf("2026-03-16 09:00", "Asia/Shanghai")).toBe("2026-03-16T01:00:00.000Z");
    expect(instantOf("2026-07-01 00:00", "America/New_York")).toBe("2026-07-01T04:00:00.000Z");
  });

  it("moves a skipped time forward and takes the first of a double one", () => {
    expect(instantOf("2026-03-08 02:30", "America/New_York")).toBe("2026-03-08T07:30:00.000Z");
    expect(instantOf("2026-11-01 01:30", "America/New_York")).toBe("2026-11-01T05:30:00.000Z");
  });
});

describe("a welcome message", () => {
  const draft = { ...welcome.emptyDraft, text: "您好" };

  it("is ready with a text alone, or with a whole card", () => {
    expect(welcome.problemsOf(draft)).toEqual([]);
    expect(welcome.problemsOf({ ...draft, linkTitle: "新品", linkUrl: "https://shop.example/new", states: ["live"] })).toEqual([]);
  });

  it("says what is missing or too long", () => {
    expect(welcome.problemsOf({ ...draft, text: " " })).toEqual(["text"]);
    expect(welcome.problemsOf({ ...draft, text: "字".repeat(1334) })).toEqual(["long"]);
    expect(welcome.problemsOf({ ...draft, linkTitle: "新品" })).toEqual(["cardLink"]);
    expect(welcome.problemsOf({ ...draft, linkUrl: "shop.example" })).toEqual(["url", "cardTitle"]);
    expect(welcome.problemsOf({ ...draft, linkTitle: "字".repeat(43), linkUrl: "https://shop.example" })).toEqual(["titleLong"]);
    expect(welcome.problemsOf({ ...draft, states: ["字".repeat(22)] })).toEqual(["states"]);
  });

  it("has nothing that is filled in", () => {
    expect(welcome.problemsOf({ ...draft, text: "{link}" })).toEqual(["placeholder"]);
    expect(welcome.problemsOf({ ...draft, linkTitle: "{name}", linkUrl: "https://shop.example" })).toEqual(["titlePlaceholder"]);
  });

  it("reaches the server without empty card", () => {
    expect(welcome.wordsOf(draft)).toEqual({ text: "您好", link_title: null, link_url: null, states: [] });
  });
});
