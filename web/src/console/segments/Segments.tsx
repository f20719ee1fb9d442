import { useQueryClient } from "@tanstack/react-query";
import { Button, Flex } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { Permitted } from "@/shared/session";
import { useConfirmCount } from "@/shared/ui/ConfirmCount";
import { EmptyState } from "@/shared/ui/EmptyState";
import { FilterWords } from "@/shared/ui/FilterWords";
import { Go, GoButton } from "@/shared/ui/Go";
import { useList } from "@/shared/ui/list";
import { ListPage } from "@/shared/ui/ListPage";
import { StatusTag } from "@/shared/ui/StatusTag";
import { address } from "@/shared/urlState";
import { useAct } from "@/shared/useAct";
import { useActorName } from "@/shared/useNames";
import { useFormat } from "@/shared/words";

type SegmentRow = Schema<"SegmentOut">;

/** Saved groups of customers. */
export default function Segments() {
  const { t } = useTranslation();
  const format = useFormat();
  const actor = useActorName();
  const list = useList<SegmentRow>({ queryKey: ["segments"], names: [], load: (query) => body(client.GET("/api/segments", { params: { query } })) });
  return (
    <ListPage
      title={t("menu.segments")}
      list={list}
      rowKey="id"
      actions={
        <GoButton to="/customers" type="primary">
          {t("segments.new")}
        </GoButton>
      }
      empty={<EmptyState title={t("segments.empty")} purpose={t("segments.emptyPurpose")} action={{ label: t("segments.new"), to: "/customers", permission: "customers.read" }} extra={<GoButton to="/rfm">{t("menu.rfm")}</GoButton>} />}
      columns={[
        { key: "name", title: t("segments.name"), fixed: "left", render: (_, row) => <Go to={`/segments/${row.id}`}>{row.name}</Go> },
        { key: "kind", title: t("segments.kind"), render: (_, row) => <StatusTag group="segments.kinds" code={row.frozen ? "frozen" : "live"} tone={row.frozen ? "default" : "processing"} /> },
        { key: "filter", title: t("segments.rule"), render: (_, row) => <FilterWords filter={row.filter} /> },
        { key: "members", title: t("segments.members"), align: "right", render: (_, row) => <Go to={`/segments/${row.id}`}>{format.count(row.members).full}</Go> },
        { key: "as_of", title: t("segments.asOf"), render: (_, row) => format.moment(row.as_of) },
        { key: "by", title: t("common.createdBy"), render: (_, row) => actor(row.created_by) },
        { key: "created_at", title: t("common.createdAt"), render: (_, row) => format.moment(row.created_at) },
        {
          key: "acts",
          title: t("common.acts"),
          render: (_, row) => (
            <Flex gap={8}>
              <Permitted permission="broadcasts.write">
                <GoButton size="small" to={address("/broadcasts/new", { segment: row.id })}>
                  {t("segments.send")}
                </GoButton>
              </Permitted>
              <Archive segment={row} />
            </Flex>
          ),
        },
      ]}
    />
  );
}

function Archive({ segment }: { segment: SegmentRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const confirm = useConfirmCount();
  const queries = useQueryClient();
  const archive = useAct({
    mutationFn: () => client.DELETE("/api/segments/{id}", { params: { path: { id: segment.id } } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["segments"] }),
  });
  return (
    <Permitted permission="segments.edit">
      <Button
        size="small"
        type="text"
        danger
        onClick={() =>
          confirm({
            title: t("segments.archiveTitle", { name: segment.name }),
            touches: segment.members === null ? segment.name : t("segments.wouldHold", { count: segment.members, people: format.count(segment.members).full }),
            consequence: t("segments.archiveNote"),
            act: t("segments.archive"),
            understood: t("common.consequenceKnown"),
            danger: true,
            run: () => archive.mutateAsync(),
          })
        }
      >
        {t("segments.archive")}
      </Button>
    </Permitted>
  );
}
