import { PlusOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { useMay } from "@/shared/session";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Go, GoButton } from "@/shared/ui/Go";
import { useList } from "@/shared/ui/list";
import { ListPage } from "@/shared/ui/ListPage";
import { StatusTag } from "@/shared/ui/StatusTag";
import { address } from "@/shared/urlState";
import { useActorName } from "@/shared/useNames";
import { useFormat, word } from "@/shared/words";

/** All broadcasts, newest first. */
export default function Broadcasts() {
  const { t } = useTranslation();
  const format = useFormat();
  const actor = useActorName();
  const mayPlan = useMay("broadcasts.write");
  const list = useList<Schema<"BroadcastOut">>({
    queryKey: ["broadcasts", "list"],
    names: [],
    load: (query) => body(client.GET("/api/broadcasts", { params: { query } })),
    refresh: (rows) => (rows.some((row) => row.state === "scheduled" || row.state === "sending") ? 5000 : false),
  });
  return (
    <ListPage
      title={t("menu.broadcasts")}
      list={list}
      rowKey="id"
      actions={
        mayPlan && (
          <GoButton to="/broadcasts/new" type="primary" icon={<PlusOutlined aria-hidden />}>
            {t("broadcasts.new")}
          </GoButton>
        )
      }
      empty={<EmptyState title={t("broadcasts.empty")} purpose={t("broadcasts.emptyPurpose")} action={{ label: t("broadcasts.new"), to: "/broadcasts/new", permission: "broadcasts.write" }} />}
      columns={[
        {
          key: "name",
          title: t("broadcasts.name"),
          fixed: "left",
          render: (_, row) => <Go to={row.state === "draft" && mayPlan ? address("/broadcasts/new", { draft: row.id }) : `/broadcasts/${row.id}`}>{row.name}</Go>,
        },
        { key: "state", title: t("broadcasts.state"), render: (_, row) => <StatusTag group="broadcasts.states" code={row.state} /> },
        { key: "segment", title: t("broadcasts.segment"), render: (_, row) => <Go to={`/segments/${row.segment.id}`}>{row.segment.name}</Go> },
        { key: "purpose", title: t("broadcasts.purpose"), render: (_, row) => word("broadcasts.purposes", row.purpose) },
        { key: "people", title: t("broadcasts.people"), align: "right", render: (_, row) => format.count(row.frozen_count).full || "–" },
        { key: "holdout", title: t("broadcasts.holdout"), align: "right", render: (_, row) => format.rate(row.holdout_bp / 10_000) },
        { key: "send_at", title: t("broadcasts.sendAt"), render: (_, row) => (format.moment(row.started_at ?? row.starts_at ?? row.send_at)) },
        { key: "by", title: t("broadcasts.by"), render: (_, row) => actor(row.created_by) },
      ]}
    />
  );
}
