import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Flex, Skeleton, Tag } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { EmptyState } from "@/shared/ui/EmptyState";
import { FilterBar, SelectFilter } from "@/shared/ui/FilterBar";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { PersonLink } from "@/shared/ui/PersonLink";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useActorName } from "@/shared/useNames";
import { useFormat, word } from "@/shared/words";

const states = ["planned", "done", "unchanged", "refused"] as const;
const tones = { planned: "processing", done: "success", unchanged: "default", refused: "warning" } as const;
const names = ["state"] as const;

/** One marking: which tags, how many relations stand where, and what became of each. */
export default function Marking() {
  const { t } = useTranslation();
  const format = useFormat();
  const actor = useActorName();
  const { id } = useParams({ strict: false }) as { id: string };
  const marking = useQuery({
    queryKey: ["markings", id],
    queryFn: () => body(client.GET("/api/markings/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data?.counts["planned"] ? 2000 : false),
  });
  const data = marking.data;
  return (
    <Page title={t("markings.title")} note={data && `${format.moment(data.created_at)} · ${actor(data.created_by)}`} back={{ to: "/customers", label: t("menu.customers") }}>
      <Loaded query={marking} skeleton={<Skeleton active paragraph={{ rows: 4 }} />}>
        {(one) => <Counts marking={one} />}
      </Loaded>
      <Relations id={id} open={Boolean(data?.counts["planned"])} />
    </Page>
  );
}

function Counts({ marking }: { marking: Schema<"MarkingOut"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const libraries = useQuery({ queryKey: ["tags"], queryFn: () => body(client.GET("/api/tags")) });
  const names = new Map((libraries.data ?? []).flatMap((library) => library.groups.flatMap((group) => group.tags.map((tag) => [tag.id, tag.name] as const))));
  const lists = [
    { key: "add", label: t("markings.add"), ids: marking.add },
    { key: "remove", label: t("markings.remove"), ids: marking.remove },
  ];
  return (
    <Panel small className="above">
      <Flex vertical gap={8}>
        {lists
          .filter(({ ids }) => ids.length > 0)
          .map(({ key, label, ids }) => (
            <div key={key} role="group" aria-label={label}>
              <span className="page-note">{label}</span>{" "}
              {ids.map((id) => (
                <Tag key={id}>{names.get(id) ?? t("markings.tagGone")}</Tag>
              ))}
            </div>
          ))}
        <Flex gap={8} wrap>
          {states
            .filter((state) => marking.counts[state])
            .map((state) => (
              <span key={state}>
                <StatusTag group="markings.states" code={state} tone={tones[state]} />
                <span className="figure">{format.count(marking.counts[state]).full}</span>
              </span>
            ))}
        </Flex>
      </Flex>
    </Panel>
  );
}

function Relations({ id, open }: { id: string; open: boolean }) {
  const { t } = useTranslation();
  const list = useList<Schema<"MarkedRelation">>({
    queryKey: ["markings", id, "relations"],
    names,
    load: (query) => body(client.GET("/api/markings/{id}/relations", { params: { path: { id }, query } })),
    refresh: open && 2000,
  });
  return (
    <Panel small>
      <FilterBar names={names}>
        <SelectFilter name="state" label={t("markings.state")} options={states.map((value) => ({ value, label: word("markings.states", value) }))} />
      </FilterBar>
      <ListTable
        list={list}
        label={t("customers.relations")}
        rowKey="place"
        empty={<EmptyState title={t("markings.nobody")} purpose={t("markings.nobodyPurpose")} />}
        columns={[
          { key: "customer", title: t("customers.name"), render: (_, row) => (row.customer ? <PersonLink id={row.customer.id} name={row.customer.name} /> : t("markings.unseen")) },
          { key: "staff", title: t("common.staff"), render: (_, row) => row.staff_name ?? "–" },
          { key: "state", title: t("markings.state"), render: (_, row) => <StatusTag group="markings.states" code={row.state} tone={tones[row.state]} /> },
          { key: "why", title: t("markings.why"), render: (_, row) => <Why row={row} /> },
        ]}
      />
    </Panel>
  );
}

function Why({ row }: { row: Schema<"MarkedRelation"> }) {
  const { t } = useTranslation();
  if (!row.reason) return <>–</>;
  if (row.reason !== "wecom") return <>{word("markings.reasons", row.reason)}</>;
  const known = word("markings.codes", String(row.code));
  return <>{t("markings.coded", { words: known === String(row.code) ? word("markings.reasons", "wecom") : known, code: row.code })}</>;
}
