import type { Language } from "./i18n";

/** A figure as it is shown, and in full for whoever points at it. */
export interface Shown {
  short: string;
  full: string;
}

const nothing: Shown = { short: "–", full: "" };

/** Groups thousands: 1234567 → 1,234,567. Takes digits as text so that no figure is rounded by floating point. */
function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** Compact form from 10,000 upwards: 万 and 亿 in Chinese, K, M and B in English. Null below that. */
function compact(value: number, decimals: number, language: Language): string | null {
  const size = Math.abs(value);
  if (size < 10_000) return null;
  const steps: [number, string][] =
    language === "zh-CN"
      ? [
          [1e8, "亿"],
          [1e4, "万"],
        ]
      : [
          [1e9, "B"],
          [1e6, "M"],
          [1e3, "K"],
        ];
  for (const [unit, word] of steps) {
    // 99,999,999 would round to 10,000.00 万: it belongs to the next unit.
    if (size >= unit || Number((size / unit).toFixed(decimals)) >= 1) return `${(value / unit).toFixed(decimals)}${word}`;
  }
  return null;
}

/** Money from whole fen, with two decimals. `symbol` is the brand's currency sign. */
export function money(fen: number | null | undefined, language: Language, symbol = "¥"): Shown {
  if (fen === null || fen === undefined) return nothing;
  const sign = fen < 0 ? "−" : "";
  const size = Math.abs(fen);
  const full = `${sign}${symbol}${grouped(String(Math.floor(size / 100)))}.${String(size % 100).padStart(2, "0")}`;
  const short = compact(size / 100, 2, language);
  return { short: short ? `${sign}${symbol}${short}` : full, full };
}

/** Exact decimal yuan as text → whole fen, half away from zero. Null for what is no number. */
export function fenOfDecimal(text: string | number | null | undefined): number | null {
  if (text === null || text === undefined || text === "") return null;
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(String(text));
  if (!match) return Number.isFinite(Number(text)) ? Math.round(Number(text) * 100) : null;
  const [, sign, whole = "0", rest = ""] = match;
  const fen = Number(whole) * 100 + Number(rest.slice(0, 2).padEnd(2, "0")) + (Number(rest[2] ?? "0") >= 5 ? 1 : 0);
  return sign ? -fen || 0 : fen;
}

/** A whole number of people, orders, messages. */
export function count(value: number | null | undefined, language: Language): Shown {
  if (value === null || value === undefined) return nothing;
  const sign = value < 0 ? "−" : "";
  const full = `${sign}${grouped(String(Math.abs(Math.round(value))))}`;
  const short = compact(Math.abs(value), language === "zh-CN" ? 2 : 1, language);
  return { short: short ? `${sign}${short}` : full, full };
}

/** A share of 0–1 as a percentage with one decimal. */
export function rate(share: number | null | undefined): string {
  return share === null || share === undefined || !Number.isFinite(share) ? "–" : `${(share * 100).toFixed(1)}%`.replace("-", "−");
}

/** A part of a whole as a percentage; a dash when there is no whole. */
export function portion(part: number, whole: number): string {
  return whole > 0 ? rate(part / whole) : "–";
}

const zoned = new Map<string, Intl.DateTimeFormat>();

function parts(instant: Date, zone: string): Record<string, string> {
  let formatter = zoned.get(zone);
  if (!formatter) {
    const digits = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
    formatter = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", ...digits });
    zoned.set(zone, formatter);
  }
  return Object.fromEntries(formatter.formatToParts(instant).map((part) => [part.type, part.value]));
}

/** An instant in the brand's zone as `YYYY-MM-DD HH:mm`. */
export function moment(iso: string | null | undefined, zone: string): string {
  if (!iso) return "–";
  const p = parts(new Date(iso), zone);
  return `${p["year"]}-${p["month"]}-${p["day"]} ${p["hour"]}:${p["minute"]}`;
}

/** The business day of an instant in the brand's zone as `YYYY-MM-DD`; a plain date passes through. */
export function day(iso: string | null | undefined, zone: string): string {
  if (!iso) return "–";
  return iso.length === 10 ? iso : moment(iso, zone).slice(0, 10);
}

/** Whole days between two instants, counted by the calendar of the brand's zone. */
export function daysBetween(from: string, to: string, zone: string): number {
  return Math.round((Date.parse(`${day(to, zone)}T00:00:00Z`) - Date.parse(`${day(from, zone)}T00:00:00Z`)) / 86_400_000);
}

const minute = 60_000;
const spans: [number, Intl.RelativeTimeFormatUnit][] = [
  [30 * 24 * 60 * minute, "month"],
  [24 * 60 * minute, "day"],
  [60 * minute, "hour"],
  [minute, "minute"],
];

/** How long an instant of machine time lies back, in whole units; null when it is hardly a minute. For what has no place in business time, such as log-ins. */
export function ago(iso: string, now: number, language: Language): string | null {
  const past = now - Date.parse(iso);
  const found = spans.find(([length]) => past >= length);
  return found ? new Intl.RelativeTimeFormat(language, { numeric: "always" }).format(-Math.floor(past / found[0]), found[1]) : null;
}

/** Size of a file with one decimal from a kilobyte upwards. */
export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  const units = ["kB", "MB", "GB"];
  let value = size;
  let unit = "B";
  for (const next of units) {
    if (value < 1024) break;
    value /= 1024;
    unit = next;
  }
  return `${value.toFixed(1)} ${unit}`;
}

/** Fen typed as yuan: "1,234.5" → 123450. Null when it is not an amount with at most two decimals. */
export function fenOf(text: string): number | null {
  const clean = text.replace(/[,，¥\s]/g, "");
  const match = /^(\d{1,13})(?:\.(\d{1,2}))?$/.exec(clean);
  return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : null;
}

/** Province and city, said once when they are the same. */
export function place(province: string | null | undefined, city: string | null | undefined): string {
  return [province, city === province ? null : city].filter(Boolean).join(" ") || "–";
}
