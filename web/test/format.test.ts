import { describe, expect, it } from "vitest";

import { ago, bytes, count, day, daysBetween, fenOf, fenOfDecimal, moment, money, portion, rate } from "@/shared/format";

describe("money", () => {
  it.each([
    [0, "¥0.00"],
    [5, "¥0.05"],
    [999_999, "¥9,999.99"],
    [-1990, "−¥19.90"],
  ])("%i fen stays whole below 10,000 yuan", (fen, shown) => {
    expect(money(fen, "zh-CN").short).toBe(shown);
  });

  it.each([
    [1_000_000, "¥1.00万", "¥10.00K"],
    [1_234_567, "¥1.23万", "¥12.35K"],
    [9_999_999_999, "¥1.00亿", "¥100.00M"],
    [12_345_678_900, "¥1.23亿", "¥123.46M"],
  ])("%i fen is short from 10,000 yuan", (fen, chinese, english) => {
    expect(money(fen, "zh-CN").short).toBe(chinese);
    expect(money(fen, "en-US").short).toBe(english);
  });

  it("keeps every digit for whoever points at it", () => {
    expect(money(9_747_747_934, "zh-CN").full).toBe("¥97,477,479.34");
  });

  it("says nothing of nothing", () => {
    expect(money(null, "zh-CN")).toEqual({ short: "–", full: "" });
  });
});

describe("fenOfDecimal", () => {
  it.each([
    ["9747747.934", 974_774_793],
    ["0.005", 1],
    ["-0.005", -1],
    ["12", 1200],
    ["", null],
    ["-0.001", 0],
  ])("%s rounds half away from zero", (text, fen) => {
    expect(fenOfDecimal(text)).toBe(fen);
  });
});

describe("fenOf", () => {
  it.each([
    ["1,234.5", 123_450],
    ["¥0.07", 7],
    ["12.345", null],
    ["-1", null],
    ["abc", null],
  ])("%s typed as yuan", (text, fen) => {
    expect(fenOf(text)).toBe(fen);
  });
});

describe("count", () => {
  it("groups thousands and shortens from 10,000", () => {
    expect(count(9999, "zh-CN").short).toBe("9,999");
    expect(count(41_230, "zh-CN")).toEqual({ short: "4.12万", full: "41,230" });
    expect(count(99_999_999, "zh-CN").short).toBe("1.00亿");
    expect(count(41_230, "en-US").short).toBe("41.2K");
  });
});

describe("rate and portion", () => {
  it("have one decimal and no division by nothing", () => {
    expect(rate(0.3412)).toBe("34.1%");
    expect(rate(-0.05)).toBe("−5.0%");
    expect(portion(1, 3)).toBe("33.3%");
    expect(portion(1, 0)).toBe("–");
  });
});

describe("time", () => {
  it("is the brand's, not the browser's", () => {
    expect(moment("2026-03-15T16:30:00Z", "Asia/Shanghai")).toBe("2026-03-16 00:30");
    expect(moment("2026-03-15T16:30:00Z", "America/New_York")).toBe("2026-03-15 12:30");
    expect(day("2026-03-15T16:30:00Z", "Asia/Shanghai")).toBe("2026-03-16");
    expect(day("2026-03-15", "America/New_York")).toBe("2026-03-15");
  });

  it("counts days by the calendar, also over a change of clocks", () => {
    expect(daysBetween("2026-03-07T04:59:00Z", "2026-03-09T04:00:00Z", "America/New_York")).toBe(3);
    expect(daysBetween("2026-03-15T15:59:00Z", "2026-03-15T16:01:00Z", "Asia/Shanghai")).toBe(1);
  });
});

describe("bytes", () => {
  it("steps by 1,024", () => {
    expect([bytes(900), bytes(1536), bytes(8_120_322)]).toEqual(["900 B", "1.5 kB", "7.7 MB"]);
  });
});

describe("ago", () => {
  const now = Date.parse("2026-03-02T10:00:00Z");
  it.each([
    ["2026-03-02T09:59:01Z", null, null],
    ["2026-03-02T10:00:30Z", null, null],
    ["2026-03-02T09:58:01Z", "1分钟前", "1 minute ago"],
    ["2026-03-02T05:59:00Z", "4小时前", "4 hours ago"],
    ["2026-02-27T09:00:00Z", "3天前", "3 days ago"],
    ["2025-12-25T10:00:00Z", "2个月前", "2 months ago"],
  ])("%s lies so far back", (instant, chinese, english) => {
    expect(ago(instant, now, "zh-CN")).toBe(chinese);
    expect(ago(instant, now, "en-US")).toBe(english);
  });
});
