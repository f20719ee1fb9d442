import { useQuery } from "@tanstack/react-query";
import { Flex, Segmented, Skeleton } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { type CohortCell, CohortTable } from "@/shared/ui/CohortTable";
import { Definition } from "@/shared/ui/Definition";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Go } from "@/shared/ui/Go";
import { KpiCard } from "@/shared/ui/KpiCard";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { RevenueChart } from "@/shared/ui/RevenueChart";
import { useUrlState } from "@/shared/urlState";
import { useFormat } from "@/shared/words";
import { averageCurve } from "./cohorts";

/** Who comes back, month by month, and what each month brought. */
export default function Retention() {
  const { t } = useTranslation();
  const retention = useQuery({ queryKey: ["retention"], queryFn: () => body(client.GET("/api/retention", { params: { query: { unit: "month" } } })) });
  const revenue = useQuery({ queryKey: ["revenue"], queryFn: () => body(client.GET("/api/revenue", { params: { query: { unit: "month" } } })) });
  return (
    <Page title={t("menu.retention")} asOf={retention.data?.as_of}>
      <Loaded query={retention} skeleton={<Skeleton active paragraph={{ rows: 12 }} />}>
        {(data) =>
          data.cohorts.length === 0 ? (
            <Panel>
              <EmptyState title={t("measure.retention.empty")} purpose={t("measure.retention.emptyPurpose")} action={{ label: t("imports.start"), to: "/imports", permission: "imports.write" }} />
            </Panel>
          ) : (
            <Matrix retention={data} />
          )
        }
      </Loaded>
      <Panel title={t("measure.monthly")} className="below">
        <Loaded query={revenue} skeleton={<Skeleton active paragraph={{ rows: 6 }} />}>
          {(data) => (data.rows.length === 0 ? <EmptyState title={t("today.noOrders")} /> : <Monthly revenue={data} />)}
        </Loaded>
      </Panel>
    </Page>
  );
}

function Monthly({ revenue }: { revenue: Schema<"RevenueOut"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { totals } = revenue;
  return (
    <Flex vertical gap={16}>
      <div className="kpi-grid">
        <KpiCard title={t("measure.revenue")} value={format.sum(totals.revenue)} definition={t("measure.revenueDefinition")} to="/orders" />
        <KpiCard title={t("measure.orders")} value={format.count(totals.orders)} definition={t("measure.ordersDefinition")} to="/orders" />
        <KpiCard title={t("measure.buyers")} value={format.count(totals.customers)} definition={t("measure.buyersDefinition")} to="/customers?ordered=yes" />
      </div>
      <RevenueChart rows={revenue.rows} height={320} />
    </Flex>
  );
}

function Matrix({ retention }: { retention: Schema<"RetentionOut"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [state, set] = useUrlState();
  const asCounts = state["show"] === "people";
  const average = averageCurve(retention.cohorts);
  const cells = (counts: readonly (number | null)[], size: number, name: string): CohortCell[] =>
    average.map((_, month) => {
      const back = counts[month];
      if (back === null || back === undefined) return { share: null, text: "", title: "" };
      const share = size > 0 ? back / size : 0;
      return {
        share: month === 0 ? 1 : Math.min(1, share * 1.6),
        text: asCounts ? format.count(Math.round(back)).short : format.rate(share),
        title: t("measure.retention.cell", { cohort: name, month, people: format.count(Math.round(back)).full, size: format.count(size).full, share: format.rate(share) }),
      };
    });
  const rows = retention.cohorts.map((cohort) => ({ key: cohort.cohort, head: cohort.cohort, size: format.count(cohort.size).full, cells: cells(cohort.counts, cohort.size, cohort.cohort) }));
  const mean = {
    key: "mean",
    head: t("measure.retention.average"),
    size: "",
    cells: average.map((share): CohortCell => (share === null || asCounts ? { share: null, text: "", title: "" } : { share: Math.min(1, share * 1.6), text: format.rate(share), title: t("measure.retention.averageNote") })),
  };
  return (
    <Panel
      title={
        <>
          {t("measure.retention.title")} <Definition name={t("measure.retention.title")}>{t("measure.retention.definition")}</Definition>
        </>
      }
      extra={
        <Segmented
          value={asCounts ? "people" : "share"}
          onChange={(value) => set({ show: value === "people" ? value : undefined })}
          options={[
            { value: "share", label: t("measure.byShare") },
            { value: "people", label: t("measure.byPeople") },
          ]}
        />
      }
    >
      <CohortTable
        caption={t("measure.retention.title")}
        corner={t("measure.retention.corner")}
        sizeTitle={t("measure.retention.size")}
        columns={average.map((_, month) => t("measure.retention.month", { month }))}
        rows={asCounts ? rows : [mean, ...rows]}
        link={(to, cell) => <Go to={to}>{cell.text}</Go>}
      />
    </Panel>
  );
}
