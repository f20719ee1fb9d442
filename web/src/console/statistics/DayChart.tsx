import { useCallback } from "react";
import { useTranslation } from "react-i18next";

import { Chart } from "@/shared/ui/Chart";
import type { Colours } from "@/shared/ui/draw";
import { useFormat } from "@/shared/words";

interface Series {
  name: string;
  values: number[];
}

/** Two counts day by day: one as bars, one as a line with an axis of its own. */
export function DayChart({ days, bars, line, summary }: { days: string[]; bars: Series; line: Series; summary: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const drawing = useCallback(
    (colours: Colours) => ({
      grid: { left: 8, right: 8, top: 36, bottom: 4, containLabel: true },
      legend: { top: 0, right: 0, textStyle: { color: colours.text } },
      tooltip: { trigger: "axis", backgroundColor: colours.panel, borderColor: colours.line, textStyle: { color: colours.text } },
      xAxis: { type: "category", data: days, axisLabel: { color: colours.text }, axisLine: { lineStyle: { color: colours.line } }, axisTick: { show: false } },
      yAxis: [
        { type: "value", minInterval: 1, axisLabel: { color: colours.text }, splitLine: { lineStyle: { color: colours.line } } },
        { type: "value", minInterval: 1, axisLabel: { color: colours.text }, splitLine: { show: false } },
      ],
      series: [
        { name: bars.name, type: "bar", data: bars.values, itemStyle: { color: colours.primary, borderRadius: [3, 3, 0, 0] }, barMaxWidth: 24 },
        { name: line.name, type: "line", yAxisIndex: 1, data: line.values, itemStyle: { color: colours.second }, lineStyle: { color: colours.second }, symbolSize: 6 },
      ],
    }),
    [days, bars, line],
  );
  const rows = days.map((day, index) => [day, format.count(bars.values[index] ?? 0).full, format.count(line.values[index] ?? 0).full]);
  return <Chart drawing={drawing} summary={summary} table={{ columns: [t("common.day"), bars.name, line.name], rows }} />;
}
