import { useCallback } from "react";
import { useTranslation } from "react-i18next";

import type { Schema } from "../api";
import { fenOfDecimal } from "../format";
import { address } from "../urlState";
import { useFormat } from "../words";
import { Chart } from "./Chart";
import type { Colours } from "./draw";
import { useGo } from "./Go";

/** Last day of a month given as `YYYY-MM`. */
export function lastDay(month: string): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}

/** Revenue by month as bars with the number of buyers as a line; a bar leads to its orders. */
export function RevenueChart({ rows, height = 280 }: { rows: Schema<"RevenueOut">["rows"]; height?: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const go = useGo();
  const last = rows[rows.length - 1];
  const drawing = useCallback(
    (colours: Colours) => ({
      grid: { left: 8, right: 8, top: 36, bottom: 4, containLabel: true },
      legend: { top: 0, right: 0, textStyle: { color: colours.text } },
      tooltip: {
        trigger: "axis",
        backgroundColor: colours.panel,
        borderColor: colours.line,
        textStyle: { color: colours.text },
        formatter: (points: { dataIndex: number }[]) => {
          const row = rows[points[0]?.dataIndex ?? 0];
          if (!row) return "";
          const lines = [row.month, `${t("measure.revenue")} ${format.sum(row.revenue).full}`, `${t("measure.buyers")} ${format.count(row.customers).full}`];
          return [...lines, `${t("measure.newBuyers")} ${format.count(row.new_customers).full}`, `${t("measure.orders")} ${format.count(row.orders).full}`].join("<br/>");
        },
      },
      xAxis: { type: "category", data: rows.map((row) => row.month), axisLabel: { color: colours.text }, axisLine: { lineStyle: { color: colours.line } }, axisTick: { show: false } },
      yAxis: [
        { type: "value", axisLabel: { color: colours.text, formatter: (fen: number) => format.money(fen).short.replace(/\.00(?=\D|$)/, "") }, splitLine: { lineStyle: { color: colours.line } } },
        { type: "value", axisLabel: { color: colours.text }, splitLine: { show: false } },
      ],
      series: [
        { name: t("measure.revenue"), type: "bar", data: rows.map((row) => fenOfDecimal(row.revenue)), itemStyle: { color: colours.primary, borderRadius: [3, 3, 0, 0] }, barMaxWidth: 36 },
        { name: t("measure.buyers"), type: "line", yAxisIndex: 1, data: rows.map((row) => row.customers), itemStyle: { color: colours.second }, lineStyle: { color: colours.second }, symbolSize: 6 },
      ],
    }),
    [rows, format, t],
  );
  const pick = useCallback(
    (index: number) => {
      const month = rows[index]?.month;
      if (month) go(address("/orders", { from: `${month}-01`, to: lastDay(month) }));
    },
    [rows, go],
  );
  return (
    <Chart
      height={height}
      drawing={drawing}
      onPick={pick}
      summary={last ? t("measure.revenueSummary", { months: rows.length, month: last.month, revenue: format.sum(last.revenue).full, buyers: format.count(last.customers).full }) : ""}
      table={{
        columns: [t("measure.month"), t("measure.revenue"), t("measure.orders"), t("measure.buyers"), t("measure.newBuyers")],
        rows: rows.map((row) => [row.month, format.sum(row.revenue).full, format.count(row.orders).full, format.count(row.customers).full, format.count(row.new_customers).full]),
      }}
    />
  );
}
