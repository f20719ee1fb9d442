import { useQuery } from "@tanstack/react-query";
import { Flex, Table } from "antd";
import { useTranslation } from "react-i18next";

import { type Answer, body, client } from "@/shared/api";
import { EmptyState } from "@/shared/ui/EmptyState";
import { KpiCard } from "@/shared/ui/KpiCard";
import { Loaded } from "@/shared/ui/Loaded";
import { Panel } from "@/shared/ui/Panel";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useFormat, word } from "@/shared/words";

/** What became of the welcome codes of the last 30 days, and how long an answer took. */
export default function Results() {
  const { t } = useTranslation();
  const format = useFormat();
  const results = useQuery({ queryKey: ["welcomes", "results"], queryFn: () => body(client.GET("/api/welcomes/results")), refetchInterval: 30_000 });
  return (
    <Panel title={t("welcomes.results")} extra={results.data && <span className="page-note">{t("common.asOf", { time: format.moment(results.data.as_of) })}</span>}>
      <Loaded query={results}>{(data) => (data.tallies.length === 0 ? <EmptyState title={t("welcomes.noResults")} /> : <Counted results={data} />)}</Loaded>
    </Panel>
  );
}

function seconds(value: number | null): string {
  return value === null ? "–" : value.toFixed(1);
}

function Counted({ results }: { results: Answer<"/api/welcomes/results"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const all = results.tallies.reduce((sum, tally) => sum + tally.codes, 0);
  const sent = results.tallies.filter((tally) => tally.outcome === "sent").reduce((sum, tally) => sum + tally.codes, 0);
  return (
    <Flex vertical gap={16}>
      <div className="kpi-grid">
        <KpiCard title={t("welcomes.sent")} value={format.count(sent)} definition={t("welcomes.sentDefinition")} extra={t("welcomes.ofCodes", { share: format.rate(sent / all) })} />
        <KpiCard title={t("welcomes.median")} value={seconds(results.median_seconds)} unit={t("welcomes.secondUnit")} definition={t("welcomes.secondsDefinition")} />
        <KpiCard title={t("welcomes.p99")} value={seconds(results.p99_seconds)} unit={t("welcomes.secondUnit")} definition={t("welcomes.secondsDefinition")} />
      </div>
      <Table
        aria-label={t("welcomes.results")}
        size="middle"
        rowKey={(row) => `${row.outcome} ${row.code}`}
        dataSource={results.tallies}
        pagination={false}
        columns={[
          { key: "outcome", title: t("welcomes.outcome"), render: (_, row) => <StatusTag group="welcomes.outcomes" code={row.outcome} /> },
          {
            key: "meaning",
            title: t("welcomes.meaning"),
            render: (_, row) => (
              <>
                {word("welcomes.outcomeNotes", row.outcome)}
                {row.code !== null && row.outcome !== "sent" && <div className="page-note">{t("welcomes.wecomCode", { code: row.code })}</div>}
              </>
            ),
          },
          { key: "codes", title: t("welcomes.codes"), align: "right", render: (_, row) => <span className="figure">{format.count(row.codes).full}</span> },
        ]}
      />
    </Flex>
  );
}
