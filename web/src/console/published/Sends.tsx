import { useQuery } from "@tanstack/react-query";
import { Table } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { EmptyState } from "@/shared/ui/EmptyState";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Loaded } from "@/shared/ui/Loaded";
import { Panel } from "@/shared/ui/Panel";
import { useFormat, word } from "@/shared/words";
import { By, names } from "./By";

type Send = Schema<"CorpSendOut">;

/** Group sends made elsewhere, latest first, each with whom it reached. */
export function Sends() {
  const { t } = useTranslation();
  const format = useFormat();
  const list = useList<Send>({ queryKey: ["corp-sends"], names, load: (query) => body(client.GET("/api/corp-sends", { params: { query } })) });
  return (
    <Panel small>
      <p className="page-note">{t("published.sendsNote")}</p>
      <By />
      <ListTable<Send>
        list={list}
        rowKey="msgid"
        label={t("published.tabs.sends")}
        empty={<EmptyState title={t("published.noSends")} purpose={t("published.noSendsPurpose")} />}
        expandable={{ expandedRowRender: (row) => <Parts send={row} /> }}
        columns={[
          { key: "created", title: t("published.madeAt"), render: (_, row) => format.moment(row.created_at) },
          { key: "text", title: t("published.content"), ellipsis: true, render: (_, row) => [row.text, ...row.attachments.map((kind) => word("published.attachments", kind))].filter(Boolean).join(" · ") || "–" },
          { key: "by", title: t("published.by"), render: (_, row) => row.creator || word("published.makers", "api") },
          { key: "kind", title: t("published.kind"), render: (_, row) => word("published.kinds", row.kind) },
          { key: "members", title: t("published.confirmed"), align: "right", render: (_, row) => t("published.of", { done: format.count(row.counts.confirmed).full, all: format.count(row.counts.members).full }) },
          { key: "reached", title: t("published.reached"), align: "right", render: (_, row) => format.count(row.counts.reached).full },
          { key: "full", title: t("published.full"), align: "right", choice: "shown", render: (_, row) => format.count(row.counts.full).full },
          { key: "gone", title: t("published.gone"), align: "right", choice: "shown", render: (_, row) => format.count(row.counts.gone).full },
          { key: "read", title: t("published.readAt"), choice: "shown", render: (_, row) => format.moment(row.read_at) },
        ]}
      />
    </Panel>
  );
}

function Parts({ send }: { send: Send }) {
  const { t } = useTranslation();
  const format = useFormat();
  const path = { corp: send.corp, msgid: send.msgid };
  const detail = useQuery({ queryKey: ["corp-sends", path], queryFn: () => body(client.GET("/api/corp-sends/{corp}/{msgid}", { params: { path } })) });
  return (
    <Loaded query={detail}>
      {({ parts }) => (
        <Table<Schema<"SendPartOut">>
          aria-label={t("published.parts")}
          size="small"
          rowKey="name"
          dataSource={parts}
          pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false }}
          columns={[
            { key: "name", title: t("published.member"), dataIndex: "name" },
            { key: "sent", title: t("published.sentAt"), render: (_, row) => (row.sent_at ? format.moment(row.sent_at) : t("published.unconfirmed")) },
            { key: "reached", title: t("published.reached"), align: "right", render: (_, row) => format.count(row.counts.reached).full },
            { key: "waiting", title: t("published.waiting"), align: "right", render: (_, row) => format.count(row.counts.waiting).full },
            { key: "full", title: t("published.full"), align: "right", render: (_, row) => format.count(row.counts.full).full },
            { key: "gone", title: t("published.gone"), align: "right", render: (_, row) => format.count(row.counts.gone).full },
          ]}
        />
      )}
    </Loaded>
  );
}
