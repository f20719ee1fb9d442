import { Flex, Tag } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Go } from "@/shared/ui/Go";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { useActorName } from "@/shared/useNames";
import { useFormat } from "@/shared/words";

import { Counts } from "./Counts";
import { useTagNames } from "./useTagNames";

type Marking = Schema<"MarkingOut">;

/** Every tagging, newest first: which tags, by whom, what became of it. */
export default function Markings() {
  const { t } = useTranslation();
  const format = useFormat();
  const actor = useActorName();
  const nameOf = useTagNames();
  const list = useList<Marking>({
    queryKey: ["markings", "list"],
    names: [],
    load: (query) => body(client.GET("/api/markings", { params: { query } })),
    refresh: (rows) => rows.some((one) => one.job_id) && 2000,
  });
  return (
    <Page title={t("menu.markings")} note={t("markings.listNote")} back={{ to: "/tags", label: t("menu.tags") }}>
      <Panel small>
        <ListTable<Marking>
          list={list}
          rowKey="id"
          label={t("menu.markings")}
          empty={<EmptyState title={t("markings.none")} purpose={t("markings.nonePurpose")} action={{ label: t("menu.customers"), to: "/customers", permission: "customers.read" }} />}
          columns={[
            { key: "when", title: t("markings.when"), fixed: "left", render: (_, row) => format.moment(row.created_at) },
            {
              key: "tags",
              title: t("markings.tags"),
              render: (_, row) => (
                <Flex gap={4} wrap>
                  {row.add.map((id) => (
                    <Tag key={id} color="success">
                      {t("markings.added", { name: nameOf(id) })}
                    </Tag>
                  ))}
                  {row.remove.map((id) => (
                    <Tag key={id}>{t("markings.removed", { name: nameOf(id) })}</Tag>
                  ))}
                  {row.undoes && <Tag color="processing">{t("markings.undo")}</Tag>}
                  {row.undone_by && <Tag color="warning">{t("markings.wasUndone")}</Tag>}
                </Flex>
              ),
            },
            { key: "result", title: t("markings.result"), render: (_, row) => <Counts counts={row.counts} /> },
            { key: "by", title: t("markings.by"), render: (_, row) => actor(row.created_by) },
            {
              key: "acts",
              title: t("common.acts"),
              render: (_, row) => (
                <Go to={`/markings/${row.id}`} aria-label={t("markings.openName", { time: format.moment(row.created_at) })}>
                  {t("markings.openOne")}
                </Go>
              ),
            },
          ]}
        />
      </Panel>
    </Page>
  );
}
