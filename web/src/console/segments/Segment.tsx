import { SendOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { App, Button, Descriptions, Flex } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { Permitted } from "@/shared/session";
import { Sum } from "@/shared/ui/Amount";
import { EmptyState } from "@/shared/ui/EmptyState";
import { FilterWords } from "@/shared/ui/FilterWords";
import { GoButton, useGo } from "@/shared/ui/Go";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Loaded } from "@/shared/ui/Loaded";
import { MarkButton } from "@/shared/ui/MarkButton";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { PersonLink } from "@/shared/ui/PersonLink";
import { StageTag } from "@/shared/ui/Stage";
import { StatusTag } from "@/shared/ui/StatusTag";
import { address } from "@/shared/urlState";
import { useAct } from "@/shared/useAct";
import { filterState, useActorName, useSegment } from "@/shared/useNames";
import { useFormat, word } from "@/shared/words";

/** One saved group: its rule in words, its people, what to do with it. */
export default function Segment() {
  const { t } = useTranslation();
  const format = useFormat();
  const { id } = useParams({ strict: false }) as { id: string };
  const segment = useSegment(id);
  const actor = useActorName();
  return (
    <Page
      title={segment.data?.name ?? "…"}
      asOf={segment.data?.as_of}
      back={{ to: "/segments", label: t("menu.segments") }}
      actions={
        segment.data && (
          <>
            {!segment.data.frozen && <Freeze id={id} />}
            {!segment.data.frozen && <GoButton to={address("/customers", filterState(segment.data.filter))}>{t("segments.openInList")}</GoButton>}
            <MarkButton whom={{ filter: { segment_id: id } }} label={t("customers.mark")} />
            <Permitted permission="broadcasts.write">
              <GoButton type="primary" icon={<SendOutlined aria-hidden />} to={address("/broadcasts/new", { segment: id })}>
                {t("segments.send")}
              </GoButton>
            </Permitted>
          </>
        )
      }
    >
      <Loaded query={segment}>
        {(data) => (
          <Flex vertical gap={16}>
            <Panel small>
              <Descriptions
                size="small"
                column={{ xs: 1, md: 3 }}
                items={[
                  { key: "kind", label: t("segments.kind"), children: <StatusTag group="segments.kinds" code={data.frozen ? "frozen" : "live"} tone={data.frozen ? "default" : "processing"} /> },
                  { key: "members", label: t("segments.members"), children: format.count(data.members).full },
                  { key: "by", label: t("common.createdBy"), children: actor(data.created_by) },
                  ...(data.hash ? [{ key: "hash", label: t("segments.hash"), children: <code title={data.hash}>{data.hash.slice(0, 12)}</code> }] : []),
                  { key: "created", label: t("common.createdAt"), children: format.moment(data.created_at) },
                  { key: "rule", label: t("segments.rule"), span: "filled" as const, children: <FilterWords filter={data.filter} /> },
                ]}
              />
            </Panel>
            <Members id={id} />
          </Flex>
        )}
      </Loaded>
    </Page>
  );
}

function Members({ id }: { id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const list = useList<Schema<"CustomerRow">>({
    queryKey: ["segments", id, "members"],
    names: [],
    load: (query) => body(client.GET("/api/segments/{id}/members", { params: { path: { id }, query } })),
  });
  return (
    <Panel title={t("segments.people")}>
      <ListTable
        list={list}
        label={t("segments.people")}
        rowKey="id"
        empty={<EmptyState title={t("segments.nobody")} purpose={t("segments.nobodyPurpose")} />}
        columns={[
          { key: "name", title: t("customers.name"), render: (_, row) => <PersonLink id={row.id} name={row.name} avatar /> },
          { key: "stage", title: t("filters.stage"), render: (_, row) => (row.stage ? <StageTag stage={row.stage} /> : "–") },
          { key: "rfm", title: t("filters.rfm_name"), render: (_, row) => (row.rfm ? word("rfmNames", row.rfm.name) : "–") },
          { key: "orders", title: t("customers.orders"), align: "right", render: (_, row) => format.count(row.orders).full },
          { key: "revenue", title: t("customers.revenue"), align: "right", render: (_, row) => <Sum of={row.revenue} /> },
          { key: "last", title: t("customers.lastPaid"), render: (_, row) => format.day(row.last_paid_at) },
          { key: "staff", title: t("filters.staff_id"), render: (_, row) => row.staff.map((one) => one.name).join(t("common.listComma")) || "–" },
        ]}
      />
    </Panel>
  );
}

function Freeze({ id }: { id: string }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const go = useGo();
  const queries = useQueryClient();
  const freeze = useAct({
    mutationFn: () => body(client.POST("/api/segments/{id}/freeze", { params: { path: { id } } })),
    onSuccess: async (copy) => {
      await queries.invalidateQueries({ queryKey: ["segments"] });
      void message.success(t("segments.frozenDone"));
      go(`/segments/${copy.id}`);
    },
  });
  return (
    <Permitted permission="segments.edit">
      <Button loading={freeze.isPending} onClick={() => freeze.mutate()}>
        {t("segments.freeze")}
      </Button>
    </Permitted>
  );
}
