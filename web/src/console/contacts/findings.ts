import i18next from "i18next";

import type { Schema } from "@/shared/api";
import { word } from "@/shared/words";

export type Finding = Schema<"FindingOut"> & { since?: string };

export interface FindingWords {
  say: string;
  means: string | null;
  mend: string | null;
}

/** A finding in words: of its own check, else those that all checks share. What a well one would break is not said. */
export function findingWords(finding: Finding, moment: (iso: string) => string): FindingWords {
  const params = Object.fromEntries(Object.entries(finding.facts).map(([name, fact]) => [name, worded(name, fact, moment)]));
  const text = (part: string) => {
    const key = [finding.check, "any"].map((group) => `doctor.found.${group}.${finding.outcome}.${part}`).find((one) => i18next.exists(one));
    return key ? String(i18next.t(key as never, params as never)) : null;
  };
  const isWell = finding.state === "ok" || finding.state === "skipped";
  const feature = `doctor.features.${finding.check}`;
  return { say: text("say") ?? finding.outcome, means: isWell ? null : (text("means") ?? (i18next.exists(feature) ? String(i18next.t(feature as never)) : null)), mend: isWell ? null : text("mend") };
}

function worded(name: string, fact: unknown, moment: (iso: string) => string): unknown {
  if (name === "because") return word("doctor.checks", String(fact));
  if (name === "at") return moment(String(fact));
  return fact ?? "—";
}

export function count(findings: readonly Finding[], state: Finding["state"]): number {
  return findings.filter((one) => one.state === state).length;
}
