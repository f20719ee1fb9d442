import { Table } from "antd";
import { useTranslation } from "react-i18next";

import type { Schema } from "@/shared/api";
import { useFormat, word } from "@/shared/words";

interface Day {
  day: string;
  joined: number;
  left: number;
  ways: Map<number, number>;
}

/** Customers who joined, by way, and who left, day by day, the latest first. Days on which nobody moved are left out. */
export function Days({ days }: { days: Schema<"DayWayOut">[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const ways = [...new Set(days.map((one) => one.way))].sort();
  return (
    <Table<Day>
      aria-label={t("groups.days")}
      size="small"
      rowKey="day"
      dataSource={byDay(days)}
      pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false }}
      locale={{ emptyText: t("groups.noMoves") }}
      scroll={{ x: "max-content" }}
      columns={[
        { key: "day", title: t("common.day"), render: (_, row) => row.day },
        { key: "joined", title: t("groups.joined"), align: "right", render: (_, row) => format.count(row.joined).full },
        ...ways.map((way) => ({ key: `way${way}`, title: word("groups.ways", String(way)), align: "right" as const, render: (_: unknown, row: Day) => format.count(row.ways.get(way) ?? 0).full })),
        { key: "left", title: t("groups.left"), align: "right", render: (_, row) => format.count(row.left).full },
      ]}
    />
  );
}

function byDay(days: Schema<"DayWayOut">[]): Day[] {
  const found = new Map<string, Day>();
  for (const one of days) {
    const day = found.get(one.day) ?? { day: one.day, joined: 0, left: 0, ways: new Map<number, number>() };
    day.joined += one.joined;
    day.left += one.left;
    day.ways.set(one.way, one.joined);
    found.set(one.day, day);
  }
  return [...found.values()].sort((a, b) => (a.day < b.day ? 1 : -1));
}
