import { DatePicker } from "antd";
import dayjs from "dayjs";
import { useId } from "react";
import { useTranslation } from "react-i18next";

import { useUrlState } from "../urlState";

function dayOf(text: string | undefined) {
  return text ? dayjs(text) : null;
}

/** A span of days in the brand's zone, both ends included; writes `from` and `to`. */
export default function DaysFilter({ label }: { label: string }) {
  const { t } = useTranslation();
  const [state, set] = useUrlState();
  const id = useId();
  return (
    <div className="filter-field">
      <label htmlFor={id}>{label}</label>
      <DatePicker.RangePicker
        id={{ start: id, end: `${id}-end` }}
        allowEmpty
        value={[dayOf(state["from"]), dayOf(state["to"])]}
        placeholder={[t("common.from"), t("common.to")]}
        onChange={(range) => set({ from: range?.[0]?.format("YYYY-MM-DD"), to: range?.[1]?.format("YYYY-MM-DD"), cursor: undefined })}
      />
    </div>
  );
}
