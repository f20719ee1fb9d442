import { useTranslation } from "react-i18next";

import { useStaff } from "@/shared/useNames";
import { word } from "@/shared/words";

/** Members to choose from as takers: everybody of the giver's corp in service but the giver; who may not serve customers is shown with the reason and cannot be chosen. */
export function useColleagues(giver: string | undefined): { value: string; label: string; disabled: boolean }[] {
  const { t } = useTranslation();
  const staff = useStaff();
  const all = staff.data?.items ?? [];
  const corp = all.find((one) => one.id === giver)?.corp_id;
  return all
    .filter((one) => one.active && one.id !== giver && (!corp || one.corp_id === corp))
    .map((one) => ({
      value: one.id,
      label: one.hindrance ? t("handovers.cannotTake", { name: one.name, reason: word("hindrances", one.hindrance) }) : one.name,
      disabled: Boolean(one.hindrance),
    }));
}
