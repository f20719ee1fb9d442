import { useTranslation } from "react-i18next";

import { FilterBar, SelectFilter } from "@/shared/ui/FilterBar";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useFormat, word } from "@/shared/words";
import { type states, tones } from "./Standing";

type State = (typeof states)[number];

export const names = ["state"] as const;

/** Narrows what is handed over to what stands somewhere. */
export function StateFilter({ states }: { states: readonly State[] }) {
  const { t } = useTranslation();
  return (
    <FilterBar names={names}>
      <SelectFilter name="state" label={t("handovers.standing")} options={states.map((value) => ({ value, label: word("handovers.states", value) }))} />
    </FilterBar>
  );
}

interface Handed {
  state: State;
  code: number;
  asked_at: string | null;
  settled_at: string | null;
}

/** Columns that tell where a customer or a group stands: its state, why, when WeCom was asked and when it was settled. */
export function useHanded() {
  const { t } = useTranslation();
  const format = useFormat();
  return {
    state: { key: "state", title: t("handovers.standing"), render: (_: unknown, row: Handed) => <StatusTag group="handovers.states" code={row.state} tone={tones[row.state]} /> },
    why: { key: "why", title: t("handovers.why"), render: (_: unknown, row: Handed) => (row.code ? t("handovers.coded", { words: word("handovers.codes", String(row.code)), code: row.code }) : "–") },
    asked: { key: "asked_at", title: t("handovers.askedAt"), render: (_: unknown, row: Handed) => format.moment(row.asked_at) },
    settled: { key: "settled_at", title: t("handovers.settledAt"), render: (_: unknown, row: Handed) => format.moment(row.settled_at) },
  };
}
