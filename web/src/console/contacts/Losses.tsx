import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { useMay } from "@/shared/session";
import { Definition } from "@/shared/ui/Definition";
import { EmptyState } from "@/shared/ui/EmptyState";
import { FilterBar, SelectFilter } from "@/shared/ui/FilterBar";
import { Go } from "@/shared/ui/Go";
import { KpiCard } from "@/shared/ui/KpiCard";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { PersonLink } from "@/shared/ui/PersonLink";
import { StatusTag } from "@/shared/ui/StatusTag";
import { address } from "@/shared/urlState";
import { useStaff } from "@/shared/useNames";
import { useFormat, word, wordsOf } from "@/shared/words";

const GroupLosses = lazy(() => import("./GroupLosses"));
const DaysFilter = lazy(() => import("@/shared/ui/DaysFilter"));

type Loss = Schema<"LossOut">;
type Totals = Schema<"LossTotalsOut">;
type Filters = Record<string, string>;

const names = ["from", "to", "by", "returned", "staff_id", "add_way", "state"] as const;
const sides = ["customer", "staff"] as const;
const backs = ["no", "yes"] as const;
const groups = ["staff", "add_ways", "states"] as const;
/** The filter that each group of counts narrows. */
const filterOf = { staff: "staff_id", add_ways: "add_way", states: "state" } as const;

/** Who deleted whom, how long they had stayed, who came back, and where it happens most. */
export default function Losses() {
  const { t } = useTranslation();
  const format = useFormat();
  const staff = useStaff();
  const list = useList<Loss>({ queryKey: ["losses"], names, load: (query) => body(client.GET("/api/losses", { params: { query } })) });
  const totals = useQuery({
    queryKey: ["losses", "totals", list.filters],
    queryFn: () => body(client.GET("/api/losses/totals", { params: { query: list.filters } })),
    placeholderData: (before) => before,
  });
  const nameOf = useMemberName();
  const maySeeGroups = useMay("groups.read");
  const channels = totals.data?.states.filter((one) => one.value) ?? [];
  return (
    <Page title={t("menu.losses")} note={t("losses.note")}>
      <Panel small>
        <FilterBar names={names} open={5}>
          <Suspense fallback={null}>
            <DaysFilter label={t("losses.endedAt")} />
          </Suspense>
          <SelectFilter name="by" label={t("losses.by")} options={sides.map((value) => ({ value, label: word("losses.sides", value) }))} width={170} />
          <SelectFilter name="returned" label={t("losses.back")} options={backs.map((value) => ({ value, label: word("losses.backs", value) }))} width={130} />
          <SelectFilter name="staff_id" label={t("losses.staff")} options={staff.data?.items.map((one) => ({ value: one.id, label: one.label })) ?? []} loading={staff.isPending} width={160} />
          <SelectFilter name="add_way" label={t("losses.addWay")} options={wordsOf("addWays")} width={180} />
          <SelectFilter name="state" label={t("losses.state")} options={channels.map(({ value }) => ({ value, label: value }))} loading={totals.isPending} width={180} />
        </FilterBar>
      </Panel>
      <Loaded query={totals} skeleton={<Skeleton active paragraph={{ rows: 4 }} />}>
        {(data) => data.losses > 0 && <Figures totals={data} filters={list.filters} />}
      </Loaded>
      <Panel small className="below">
        <ListTable<Loss>
          list={list}
          rowKey="id"
          label={t("menu.losses")}
          empty={<EmptyState title={t("losses.empty")} purpose={t("losses.emptyPurpose")} />}
          columns={[
            { key: "customer", title: t("losses.customer"), fixed: "left", render: (_, row) => (row.customer ? <PersonLink id={row.customer.id} name={row.customer.name} avatar /> : t("losses.unseen")) },
            { key: "by", title: t("losses.by"), render: (_, row) => <StatusTag group="losses.sides" code={row.by} tone={row.by === "customer" ? "warning" : "default"} /> },
            { key: "staff", title: t("losses.staff"), render: (_, row) => nameOf(row.staff.id, row.staff.name) },
            { key: "ended_at", title: t("losses.endedAt"), render: (_, row) => format.moment(row.ended_at) },
            { key: "returned_at", title: t("losses.back"), render: (_, row) => (row.returned_at ? t("losses.returnedAt", { time: format.moment(row.returned_at) }) : word("losses.backs", "no")) },
            { key: "days_kept", title: t("losses.daysKept"), align: "right", render: (_, row) => format.count(row.days_kept).full },
            { key: "added_at", title: t("losses.addedAt"), choice: "shown", render: (_, row) => format.day(row.added_at) },
            { key: "add_way", title: t("losses.addWay"), choice: "shown", render: (_, row) => word("addWays", String(row.add_way)) },
            { key: "state", title: t("losses.state"), choice: "shown", render: (_, row) => row.state || "–" },
          ]}
        />
      </Panel>
      {maySeeGroups && (
        <Suspense fallback={null}>
          <GroupLosses filters={list.filters} />
        </Suspense>
      )}
    </Page>
  );
}

/** What a member is called here: with the corp where the brand has several. */
function useMemberName(): (id: string, name: string | null) => string {
  const staff = useStaff();
  return (id, name) => staff.data?.items.find((one) => one.id === id)?.label ?? name ?? "–";
}

function Figures({ totals, filters }: { totals: Totals; filters: Filters }) {
  const { t } = useTranslation();
  const format = useFormat();
  const bySide = (side: (typeof sides)[number]) => totals.by.find((one) => one.value === side)?.losses ?? 0;
  return (
    <>
      <div className="kpi-grid below">
        <KpiCard title={t("losses.total")} value={format.count(totals.losses)} definition={t("losses.totalDefinition")} />
        {sides.map((side) => (
          <KpiCard
            key={side}
            title={word("losses.sides", side)}
            value={format.count(bySide(side))}
            definition={word("losses.sideDefinitions", side)}
            to={address("/losses", { ...filters, by: side })}
            extra={format.rate(bySide(side) / totals.losses)}
          />
        ))}
        <KpiCard
          title={t("losses.still")}
          value={format.count(totals.losses - totals.returned)}
          definition={t("losses.stillDefinition")}
          to={address("/losses", { ...filters, returned: "no" })}
          extra={format.rate((totals.losses - totals.returned) / totals.losses)}
        />
        <KpiCard
          title={t("losses.returned")}
          value={format.count(totals.returned)}
          definition={t("losses.returnedDefinition")}
          to={address("/losses", { ...filters, returned: "yes" })}
          extra={format.rate(totals.returned / totals.losses)}
        />
        <KpiCard title={t("losses.median")} value={format.count(totals.median_days_kept)} unit={t("losses.days")} definition={t("losses.medianDefinition")} />
      </div>
      <div className="loss-grid below">
        {groups.map((group) => (
          <Where key={group} group={group} totals={totals} filters={filters} />
        ))}
      </div>
    </>
  );
}

function Where({ group, totals, filters }: { group: (typeof groups)[number]; totals: Totals; filters: Filters }) {
  const { t } = useTranslation();
  const format = useFormat();
  const counts = totals[group].filter((one) => one.value !== "");
  const title = t(`losses.groups.${group}`);
  const memberName = useMemberName();
  const nameOf = (one: Schema<"LossCountOut">) => (group === "staff" ? memberName(one.value, one.name) : group === "add_ways" ? word("addWays", one.value) : one.value);
  return (
    <Panel small title={title} extra={<Definition name={title}>{t(`losses.groupDefinitions.${group}`)}</Definition>}>
      {counts.length === 0 ? (
        <p className="page-note">{t("losses.none")}</p>
      ) : (
        <ol className="loss-counts">
          {counts.map((one) => (
            <li key={one.value}>
              <Go to={address("/losses", { ...filters, [filterOf[group]]: one.value })}>{nameOf(one)}</Go>
              <span className="figure">
                {format.count(one.losses).full} · {format.rate(one.losses / totals.losses)}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
