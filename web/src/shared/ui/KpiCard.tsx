import { Flex } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Shown } from "../format";
import { useFormat } from "../words";
import { Definition } from "./Definition";
import { Go } from "./Go";
import { Panel } from "./Panel";

interface KpiCardProps {
  title: string;
  value: Shown | string;
  unit?: string;
  /** Share by which the figure moved against the compared period; null when there is nothing to compare with. */
  change?: number | null | undefined;
  compareWith?: string;
  definition: ReactNode;
  /** Address of the list of the people or orders behind the figure. */
  to?: string | undefined;
  extra?: ReactNode;
}

/** One figure with its definition, its comparison and the way to those behind it. */
export function KpiCard({ title, value, unit, change, compareWith, definition, to, extra }: KpiCardProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const shown = typeof value === "string" ? { short: value, full: "" } : value;
  const figure = (
    <span className="kpi-value figure" title={shown.full}>
      {shown.short}
      {unit && <span className="kpi-unit">{unit}</span>}
    </span>
  );
  return (
    <Panel small className="kpi">
      <Flex justify="space-between" align="center">
        <span className="kpi-title">{title}</span>
        <Definition name={title}>{definition}</Definition>
      </Flex>
      {to ? (
        <Go to={to} className="kpi-link">
          <span className="sr-only">{t("common.openList", { name: title })}</span>
          {figure}
        </Go>
      ) : (
        figure
      )}
      <div className="kpi-foot">
        {change !== undefined && change !== null && Number.isFinite(change) ? (
          <span>
            {change < 0 ? "▼" : "▲"} {format.rate(Math.abs(change))} {compareWith}
          </span>
        ) : (
          extra
        )}
      </div>
    </Panel>
  );
}
