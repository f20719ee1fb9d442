import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { EmptyState } from "@/shared/ui/EmptyState";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Panel } from "@/shared/ui/Panel";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useFormat, word } from "@/shared/words";
import { By, names } from "./By";
import { Parts, useCounted } from "./Parts";

type Moment = Schema<"MomentOut">;

/** Moments, latest first, each with who published it and how customers answered. */
export function Moments() {
  const { t } = useTranslation();
  const format = useFormat();
  const counted = useCounted();
  const list = useList<Moment>({ queryKey: ["moments"], names, load: (query) => body(client.GET("/api/moments", { params: { query } })) });
  const media = (row: Moment) => [row.pictures > 0 && t("published.pictures", { pictures: row.pictures }), row.video && t("published.video"), row.link_title].filter(Boolean).join(" · ");
  return (
    <Panel small>
      <By />
      <ListTable<Moment>
        list={list}
        rowKey="moment_id"
        label={t("published.tabs.moments")}
        empty={<EmptyState title={t("published.noMoments")} purpose={t("published.noMomentsPurpose")} />}
        expandable={{ expandedRowRender: (row) => <MomentParts moment={row} /> }}
        columns={[
          { key: "created", title: t("published.madeAt"), render: (_, row) => format.moment(row.created_at) },
          { key: "text", title: t("published.content"), ellipsis: true, render: (_, row) => [row.text, media(row)].filter(Boolean).join(" · ") || "–" },
          { key: "by", title: t("published.by"), render: (_, row) => (row.by_member ? row.creator : word("published.makers", "corp")) },
          { key: "members", title: t("published.published"), align: "right", render: (_, row) => t("published.of", { done: format.count(row.counts.published).full, all: format.count(row.counts.members).full }) },
          counted("likes"),
          counted("comments"),
          { key: "state", title: t("published.state"), render: (_, row) => <StatusTag group="published.states" code={row.gone_at ? "gone" : "there"} tone={row.gone_at ? "default" : "success"} /> },
          { key: "read", title: t("published.readAt"), choice: "shown", render: (_, row) => format.moment(row.read_at) },
        ]}
      />
    </Panel>
  );
}

function MomentParts({ moment }: { moment: Moment }) {
  const { t } = useTranslation();
  const counted = useCounted();
  const path = { corp: moment.corp, id: moment.moment_id };
  const detail = useQuery({ queryKey: ["moments", path], queryFn: () => body(client.GET("/api/moments/{corp}/{id}", { params: { path } })) });
  return (
    <Parts<Schema<"MomentPartOut">>
      detail={detail}
      columns={[
        { key: "state", title: t("published.state"), render: (_, row) => <StatusTag group="published.states" code={row.published ? "published" : "unpublished"} tone={row.published ? "success" : "warning"} /> },
        counted("likes"),
        counted("comments"),
      ]}
    />
  );
}
