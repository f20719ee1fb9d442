import i18next, { type TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { ApiError } from "./api";
import { ago, bytes, count, day, daysBetween, fenOfDecimal, money, moment, portion, rate, type Shown } from "./format";
import type { Language } from "./i18n";
import { useWorkspace } from "./workspace";

/** The word for a stable code of the server, such as a refusal's reason. A code that this build does not know yet is shown as it is. */
export function word(group: string, code: string, params: Record<string, unknown> = {}): string {
  const key = `${group}.${code}`;
  return i18next.exists(key) ? String(i18next.t(key as never, params as never)) : code;
}

/** Every code of a group that has a word, with that word. */
export function wordsOf(group: string): { value: string; label: string }[] {
  const collect = (node: unknown, path: string): { value: string; label: string }[] =>
    typeof node === "string" ? [{ value: path, label: node }] : Object.entries(node ?? {}).flatMap(([key, inner]) => collect(inner, path ? `${path}.${key}` : key));
  return collect(i18next.getResource(i18next.language, "translation", group), "");
}

/** What failed and what to do about it, in plain words. */
export function problemText(error: ApiError, t: TFunction): { title: string; advice: string } {
  const [exact, byStatus] = [`problems.${error.code}`, `problems.http.${error.status}`];
  const key = i18next.exists(`${exact}.title`) ? exact : i18next.exists(`${byStatus}.title`) ? byStatus : "problems.http.500";
  const params = error.params as never;
  return { title: String(t(`${key}.title` as never, params)), advice: String(t(`${key}.advice` as never, params)) };
}

export interface Format {
  money: (fen: number | null | undefined) => Shown;
  /** Money from the exact decimal text of the server. */
  sum: (decimal: string | number | null | undefined) => Shown;
  count: (value: number | null | undefined) => Shown;
  rate: typeof rate;
  portion: typeof portion;
  moment: (iso: string | null | undefined) => string;
  day: (iso: string | null | undefined) => string;
  /** How long an instant of machine time lies back. */
  ago: (iso: string | null | undefined) => string;
  daysBetween: (from: string, to: string) => number;
  bytes: typeof bytes;
}

/** Formatters bound to the language on screen, the brand's currency and its time zone. */
export function useFormat(): Format {
  const { i18n, t } = useTranslation();
  const { zone, currency } = useWorkspace();
  return useMemo(() => {
    const language = i18n.language as Language;
    return {
      money: (fen) => money(fen, language, currency),
      sum: (decimal) => money(fenOfDecimal(decimal), language, currency),
      count: (value) => count(value, language),
      rate,
      portion,
      moment: (iso) => moment(iso, zone),
      day: (iso) => day(iso, zone),
      ago: (iso) => (iso ? (ago(iso, Date.now(), language) ?? t("common.justNow")) : "–"),
      daysBetween: (from, to) => daysBetween(from, to, zone),
      bytes,
    };
  }, [i18n.language, t, zone, currency]);
}

/** Why a job failed: a refusal in words, else what the server noted. */
export function jobProblem(error: Record<string, unknown>, t: TFunction): string {
  const code = typeof error["code"] === "string" ? error["code"] : null;
  if (code && i18next.exists(`problems.${code}.title`)) return String(t(`problems.${code}.title` as never, (error["params"] ?? {}) as never));
  return String(error["message"] ?? code ?? t("problems.internal.title"));
}
