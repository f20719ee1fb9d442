import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { App, Button, Flex, Skeleton, Tag } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { useConfirmCount } from "@/shared/ui/ConfirmCount";
import { EmptyState } from "@/shared/ui/EmptyState";
import { FilterBar, SelectFilter } from "@/shared/ui/FilterBar";
import { GoButton } from "@/shared/ui/Go";
import { JobProgress } from "@/shared/ui/JobProgress";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { PersonLink } from "@/shared/ui/PersonLink";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useActorName } from "@/shared/useNames";
import { problemText, useFormat, word } from "@/shared/words";

import { Counts, states, tones } from "./Counts";
import { useTagNames } from "./useTagNames";

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
    <Page
      title={t("markings.title")}
      note={data && `${format.moment(data.created_at)} · ${actor(data.created_by)}`}
      back={{ to: "/markings", label: t("menu.markings") }}
      actions={data && !data.undone_by && (data.counts["done"] ?? 0) > 0 && <Undo marking={data} />}
    >
      <Loaded query={marking} skeleton={<Skeleton active paragraph={{ rows: 4 }} />}>
        {(one) => <Summary marking={one} />}
      </Loaded>
      <Relations id={id} open={Boolean(data?.counts["planned"])} />
    </Page>
  );
}

function Summary({ marking }: { marking: Schema<"MarkingOut"> }) {
  const { t } = useTranslation();
  const nameOf = useTagNames();
  const lists = [
    { key: "add", label: t("markings.add"), ids: marking.add },
    { key: "remove", label: t("markings.remove"), ids: marking.remove },
  ];
  const other = marking.undone_by ?? marking.undoes;
  return (
    <Panel small className="above">
      <Flex vertical gap={8}>
        {lists
          .filter(({ ids }) => ids.length > 0)
          .map(({ key, label, ids }) => (
            <div key={key} role="group" aria-label={label}>
              <span className="page-note">{label}</span>{" "}
              {ids.map((id) => (
                <Tag key={id}>{nameOf(id)}</Tag>
              ))}
            </div>
          ))}
        <Counts counts={marking.counts} />
        {marking.job_id && <JobProgress id={marking.job_id} />}
        {other && (
          <Flex gap={8} align="center">
            {t(marking.undone_by ? "markings.wasUndone" : "markings.isUndo")}
            <GoButton size="small" to={`/markings/${other}`}>
              {t("markings.openOther")}
            </GoButton>
          </Flex>
        )}
      </Flex>
    </Panel>
  );
}

/** Takes back what was done, after the number was looked at. */
function Undo({ marking }: { marking: Schema<"MarkingOut"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const confirm = useConfirmCount();
  const done = marking.counts["done"] ?? 0;
  const undo = async () => {
    try {
      const made = await body(client.POST("/api/markings/{id}/undo", { params: { path: { id: marking.id } } }));
      await queries.invalidateQueries({ queryKey: ["markings"] });
      await navigate({ to: `/markings/${made.id}` });
    } catch (error) {
      void message.error(error instanceof ApiError ? problemText(error, t).title : String(error));
    }
  };
  const ask = () =>
    confirm({
      title: t("markings.undoTitle"),
      touches: t("markings.undoTouches", { count: done, people: format.count(done).full }),
      consequence: t("markings.undoNote"),
      act: t("markings.undo"),
      understood: t("common.peopleChecked"),
      run: undo,
    });
  return (
    <Button disabled={Boolean(marking.job_id)} onClick={ask}>
      {t("markings.undo")}
    </Button>
  );
}

function Relations({ id, open }: { id: string; open: boolean }) {
  const { t } = useTranslation();
  const list = useList<Schema<"MarkedRelation">>({
    queryKey: ["markings", id, "relations", open],
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
