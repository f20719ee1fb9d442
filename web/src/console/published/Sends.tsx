import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { EmptyState } from "@/shared/ui/EmptyState";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Panel } from "@/shared/ui/Panel";
import { useFormat, word } from "@/shared/words";
import { By, names } from "./By";
import { Parts, useCounted } from "./Parts";

type Send = Schema<"CorpSendOut">;

/** Group sends made elsewhere, latest first, each with whom it reached. */
export function Sends() {
  const { t } = useTranslation();
  const format = useFormat();
  const counted = useCounted();
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
        expandable={{ expandedRowRender: (row) => <SendParts send={row} /> }}
        columns={[
          { key: "created", title: t("published.madeAt"), render: (_, row) => format.moment(row.created_at) },
          { key: "text", title: t("published.content"), ellipsis: true, render: (_, row) => [row.text, ...row.attachments.map((kind) => word("published.attachments", kind))].filter(Boolean).join(" · ") || "–" },
          { key: "by", title: t("published.by"), render: (_, row) => row.creator || word("published.makers", "api") },
          { key: "kind", title: t("published.kind"), render: (_, row) => word("published.kinds", row.kind) },
          { key: "members", title: t("published.confirmed"), align: "right", render: (_, row) => t("published.of", { done: format.count(row.counts.confirmed).full, all: format.count(row.counts.members).full }) },
          counted("reached"),
          { ...counted("full"), choice: "shown" },
          { ...counted("gone"), choice: "shown" },
          { key: "read", title: t("published.readAt"), choice: "shown", render: (_, row) => format.moment(row.read_at) },
        ]}
      />
    </Panel>
  );
}

function SendParts({ send }: { send: Send }) {
  const { t } = useTranslation();
  const format = useFormat();
  const counted = useCounted();
  const path = { corp: send.corp, msgid: send.msgid };
  const detail = useQuery({ queryKey: ["corp-sends", path], queryFn: () => body(client.GET("/api/corp-sends/{corp}/{msgid}", { params: { path } })) });
  return (
    <Parts<Schema<"SendPartOut">>
      detail={detail}
      columns={[
        { key: "sent", title: t("published.sentAt"), render: (_, row) => (row.sent_at ? format.moment(row.sent_at) : t("published.unconfirmed")) },
        counted("reached"),
        counted("waiting"),
        counted("full"),
        counted("gone"),
      ]}
    />
  );
}
