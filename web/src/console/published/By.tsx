import { useTranslation } from "react-i18next";

import { FilterBar, SelectFilter } from "@/shared/ui/FilterBar";
import { word } from "@/shared/words";

export const names = ["by"] as const;
const makers = ["member", "corp"] as const;

/** Narrows to what members made of their own accord, or what was made for the corp. */
export function By() {
  const { t } = useTranslation();
  return (
    <FilterBar names={names}>
      <SelectFilter name="by" label={t("published.by")} options={makers.map((value) => ({ value, label: word("published.makers", value) }))} width={180} />
    </FilterBar>
  );
}
