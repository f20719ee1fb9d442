import { useQuery } from "@tanstack/react-query";
import { Alert, Col, Flex, Progress, Row, Skeleton, Table } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { Definition } from "@/shared/ui/Definition";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Go } from "@/shared/ui/Go";
import { KpiCard } from "@/shared/ui/KpiCard";
import { Loaded } from "@/shared/ui/Loaded";
import { Panel } from "@/shared/ui/Panel";
import { StatusTag } from "@/shared/ui/StatusTag";
import { address } from "@/shared/urlState";
import { useFormat, word } from "@/shared/words";
import { Lift } from "./Lift";

type ResultAnswer = Schema<"ResultOut">;

/** One member of staff in `tasks.by_staff`, which the server describes in words only. */
interface SenderRow {
  staff: { id: string | null; name: string };
  state: "open" | "partial" | "confirmed";
  tasks: number;
  confirmed: number;
  asked: number;
  delivered: number;
}

/** What became of a broadcast: from the audience to the money, and whether the money is its doing. */
export default function Result({ broadcast }: { broadcast: Schema<"BroadcastOut"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { id } = broadcast;
  const isBefore = broadcast.state === "draft" || broadcast.state === "awaiting_approval";
  const result = useQuery({
    queryKey: ["broadcasts", id, "result"],
    queryFn: () => body(client.GET("/api/broadcasts/{id}/result", { params: { path: { id } } })),
    enabled: !isBefore,
    refetchInterval: broadcast.state === "sending" || broadcast.state === "scheduled" ? 3000 : 30_000,
  });
  if (isBefore)
    return (
      <Panel>
        <EmptyState title={t("broadcasts.noResult")} purpose={t("broadcasts.noResultPurpose")} />
      </Panel>
    );
  return (
    <Loaded query={result} skeleton={<Skeleton active paragraph={{ rows: 10 }} />}>
      {(data) => (
        <Flex vertical gap={16}>
          <Panel
            title={t("broadcasts.funnel")}
            extra={data.as_of && <span className="page-note">{t("common.asOf", { time: format.moment(data.as_of) })}</span>}
          >
            <Funnel id={id} result={data} />
            {data.waiting > 0 && broadcast.state === "sending" && <Alert type="info" showIcon className="below" title={t("broadcasts.waitingNote", { count: data.waiting, people: format.count(data.waiting).full })} />}
            {data.unknown > 0 && <Alert type="warning" showIcon className="below" title={t("broadcasts.unknownNote", { count: data.unknown, people: format.count(data.unknown).full })} />}
          </Panel>
          <Money result={data} id={id} days={broadcast.horizon_days} />
          {broadcast.started_at && <Lift broadcast={broadcast} />}
          <Row gutter={[16, 16]}>
            <Col xs={24} xl={12}>
              <Refused id={id} result={data} />
            </Col>
            <Col xs={24} xl={12}>
              <Staff result={data} />
            </Col>
          </Row>
        </Flex>
      )}
    </Loaded>
  );
}

/** Bars of equal scale: each step's share of the planned. */
function Funnel({ id, result }: { id: string; result: ResultAnswer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const refused = result.refused.reduce((sum, one) => sum + one.count, 0);
  const people = (state?: string) => address(`/broadcasts/${id}`, { tab: "people", state });
  const steps = [
    { key: "audience", value: result.audience, to: people() },
    { key: "holdout", value: result.holdout, to: address(`/broadcasts/${id}`, { tab: "people", reason: "holdout" }), minus: true },
    { key: "planned", value: result.planned, to: people() },
    { key: "refused", value: refused, to: people("skipped"), minus: true },
    { key: "waiting", value: result.waiting, to: people("planned") },
    { key: "asked", value: result.asked, to: people("task") },
    { key: "delivered", value: result.delivered, to: people("sent") },
    ...(result.link_opened === 0 && result.unnamed_opens > 0 ? [] : [{ key: "opened", value: result.link_opened, to: people("sent") } as const]),
  ] as const;
  const widest = Math.max(result.audience, 1);
  return (
    <table className="funnel">
      <caption className="sr-only">{t("broadcasts.funnel")}</caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">{t("broadcasts.step")}</th>
          <th scope="col">{t("broadcasts.people")}</th>
          <th scope="col">{t("broadcasts.ofPlanned")}</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step) => (
          <tr key={step.key}>
            <th scope="row">
              {t(`broadcasts.result.${step.key}`)} <Definition name={t(`broadcasts.result.${step.key}`)}>{t(`broadcasts.result.${step.key}Definition`)}</Definition>
            </th>
            <td className="funnel-bar">
              <div aria-hidden className={"minus" in step ? "funnel-fill funnel-minus" : "funnel-fill"} style={{ width: `${Math.max((step.value / widest) * 100, step.value ? 0.5 : 0)}%` }} />
            </td>
            <td className="figure funnel-count">
              <Go to={step.to}>{format.count(step.value).full}</Go>
            </td>
            <td className="figure funnel-share">{"minus" in step || step.key === "audience" ? "" : format.portion(step.value, result.planned)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Money({ result, id, days }: { result: ResultAnswer; id: string; days: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const unnamed = result.link_opened === 0 && result.unnamed_opens > 0;
  const to = address(`/broadcasts/${id}`, { tab: "people", state: "sent" });
  return (
    <div className="kpi-grid">
      <KpiCard title={t("broadcasts.result.ordersIn", { count: days })} value={format.count(result.orders_after)} definition={t("broadcasts.result.ordersInDefinition")} to={to} />
      <KpiCard title={t("broadcasts.result.revenueIn", { count: days })} value={format.sum(result.revenue_after)} definition={t("broadcasts.result.revenueInDefinition")} to={to} />
      {unnamed ? (
        <KpiCard title={t("broadcasts.result.openings")} value={format.count(result.unnamed_opens)} definition={t("broadcasts.result.openingsDefinition")} />
      ) : (
      <KpiCard title={t("broadcasts.result.openRate")} value={format.portion(result.link_opened, result.delivered)} definition={t("broadcasts.result.openedDefinition")} />
      )}
    </div>
  );
}

function Refused({ id, result }: { id: string; result: ResultAnswer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const all = result.refused;
  const most = Math.max(...all.map((one) => one.count), 1);
  return (
    <Panel title={t("broadcasts.whoNot")} className="full-height">
      {all.length === 0 ? (
        <p className="page-note">{t("broadcasts.estimate.nobodyRefused")}</p>
      ) : (
        <ul className="reasons">
          {all.map(({ reason, count }) => (
            <li key={reason}>
              <span className="reason-name">{word("refusals", reason)}</span>
              <Progress status="normal" percent={(count / most) * 100} showInfo={false} size="small" aria-label={word("refusals", reason)} />
              <Go to={address(`/broadcasts/${id}`, { tab: "people", reason })} className="figure reason-count">
                {format.count(count).full}
              </Go>
              <span className="reason-note">{word("refusalNotes", reason)}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Staff({ result }: { result: ResultAnswer }) {
  const { t } = useTranslation();
  const { tasks } = result;
  const total = tasks.open + tasks.confirmed;
  return (
    <Panel title={t("broadcasts.confirmations")} className="full-height" extra={<span className="figure">{t("broadcasts.confirmedOf", { confirmed: tasks.confirmed, total })}</span>}>
      <Table
        size="small"
        aria-label={t("broadcasts.confirmations")}
        rowKey={(row) => row.staff.id ?? row.staff.name}
        dataSource={tasks.by_staff as unknown as SenderRow[]}
        pagination={{ pageSize: 8, showSizeChanger: false, hideOnSinglePage: true }}
        columns={[
          { title: t("common.staff"), key: "staff", render: (_, row) => row.staff.name },
          { title: t("broadcasts.state"), key: "state", render: (_, row) => <StatusTag group="broadcasts.taskStates" code={row.state} /> },
          { title: t("broadcasts.result.asked"), dataIndex: "asked", key: "asked", align: "right" },
          { title: t("broadcasts.result.delivered"), dataIndex: "delivered", key: "delivered", align: "right" },
        ]}
      />
    </Panel>
  );
}
