import { Tag } from "antd";
import { useTranslation } from "react-i18next";

import { useSegment, useStaff } from "../useNames";
import { word } from "../words";

/** A saved filter in words, one tag a condition. Holds ids, so names of staff and segments are looked up. */
export function FilterWords({ filter }: { filter: Record<string, unknown> }) {
  const { t } = useTranslation();
  const entries = Object.entries(filter).filter(([, value]) => value !== undefined && value !== null && value !== "");
  if (entries.length === 0) return <Tag>{t("filters.everybody")}</Tag>;
  return (
    <span className="filter-words">
      {entries.map(([name, value]) => (
        <Tag key={name}>
          {word("filters", name)}: <FilterValue name={name} value={String(value)} />
        </Tag>
      ))}
    </span>
  );
}

function FilterValue({ name, value }: { name: string; value: string }) {
  if (name === "staff_id") return <StaffName id={value} />;
  if (name === "segment_id") return <SegmentName id={value} />;
  const groups: Record<string, string> = { stage: "stages", rfm_name: "rfmNames", contact: "contactStates", ordered: "orderedStates" };
  const group = groups[name];
  return <>{group ? word(group, value) : value}</>;
}

function StaffName({ id }: { id: string }) {
  const staff = useStaff();
  return <>{staff.data?.items.find((one) => one.id === id)?.label ?? id.slice(-6)}</>;
}

function SegmentName({ id }: { id: string }) {
  const segment = useSegment(id);
  return <>{segment.data?.name ?? id.slice(-6)}</>;
}
