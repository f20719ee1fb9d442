import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Flex, Switch, Table } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { useMay } from "@/shared/session";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useAct } from "@/shared/useAct";
import { problemText, useFormat, word } from "@/shared/words";

type Settings = Schema<"AlertSettings">;

const kinds = ["by_customer", "by_staff", "left_group", "connection"] as const;
const tones = { sending: "processing", sent: "success", failed: "error" } as const;

/** What supervisors and menders are told of, and what became of the last messages. */
export default function Alerts() {
  const { t } = useTranslation();
  const format = useFormat();
  const notices = useQuery({ queryKey: ["alerts", "notices"], queryFn: () => body(client.GET("/api/alerts/notices")), refetchInterval: 60_000 });
  return (
    <Page title={t("menu.alerts")} note={t("alerts.note")}>
      <Kinds />
      <Panel small title={t("alerts.latest")}>
        <Loaded query={notices}>
          {(rows) =>
            rows.length === 0 ? (
              <EmptyState title={t("alerts.none")} purpose={t("alerts.nonePurpose")} />
            ) : (
              <Table<Schema<"LossNoticeOut">>
                aria-label={t("alerts.latest")}
                size="middle"
                rowKey="id"
                dataSource={rows}
                pagination={false}
                scroll={{ x: "max-content" }}
                columns={[
                  { key: "recipient", title: t("alerts.recipient"), render: (_, row) => row.recipient },
                  { key: "told", title: t("alerts.told"), render: (_, row) => t(`alerts.abouts.${row.about}`, { number: format.count(row.told).full }) },
                  { key: "at", title: t("alerts.at"), render: (_, row) => format.moment(row.asked_at) },
                  { key: "state", title: t("alerts.state"), render: (_, row) => <StatusTag group="alerts.states" code={row.state} tone={tones[row.state]} /> },
                  { key: "why", title: t("alerts.why"), render: (_, row) => (row.state === "failed" ? t("alerts.coded", { words: word("alerts.codes", String(row.code)), code: row.code }) : "–") },
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
    </Page>
  );
}

function Kinds() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const mayChange = useMay("alerts.write");
  const settings = useQuery({ queryKey: ["alerts", "settings"], queryFn: () => body(client.GET("/api/alerts/settings")) });
  const change = useAct({
    mutationFn: (next: Settings) => body(client.PUT("/api/alerts/settings", { body: next })),
    onSuccess: (next) => {
      queries.setQueryData(["alerts", "settings"], next);
      void message.success(t("common.saved"));
    },
    onError: (error) => void message.error(error instanceof ApiError ? problemText(error, t).title : error.message),
  });
  return (
    <Panel small className="above" title={t("alerts.kindsTitle")}>
      <Loaded query={settings}>
        {(known) => (
          <Flex vertical gap={12}>
            {kinds.map((kind) => (
              <Flex key={kind} gap={12} align="center">
                <Switch aria-label={t(`alerts.kinds.${kind}`)} checked={known[kind]} disabled={!mayChange || change.isPending} onChange={(on) => change.mutate({ ...known, [kind]: on })} />
                <span>{t(`alerts.kinds.${kind}`)}</span>
              </Flex>
            ))}
          </Flex>
        )}
      </Loaded>
    </Panel>
  );
}
