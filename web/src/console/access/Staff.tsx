import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { useMay } from "@/shared/session";
import { EmptyState } from "@/shared/ui/EmptyState";
import { FilterBar, SearchFilter, SelectFilter } from "@/shared/ui/FilterBar";
import { Go } from "@/shared/ui/Go";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { StatusTag } from "@/shared/ui/StatusTag";
import { address } from "@/shared/urlState";
import { useCorps, useDepartments } from "@/shared/useNames";
import { useFormat, word } from "@/shared/words";

type Member = Schema<"StaffOut">;
type Department = Schema<"DepartmentOut">;

const names = ["q", "corp_id", "department_id", "hindrance"] as const;
const choices = ["none", "no_permission", "no_licence", "disabled", "not_activated", "left"] as const;
const tones = { active: "success", disabled: "error", not_activated: "warning", left: "default" } as const;

/** Departments as a tree, corp by corp where the brand has several, and who is in them: whether each may serve customers and if not why, with how many customers and groups. */
export default function Staff() {
  const { t } = useTranslation();
  const departments = useDepartments();
  const corps = useCorps();
  const list = useList<Member>({ queryKey: ["staff", "list"], names, load: (query) => body(client.GET("/api/staff", { params: { query } })) });
  return (
    <Page title={t("menu.staff")} note={t("staff.note")} asOf={list.query.data?.items[0]?.read_at}>
      <div className="staff-grid">
        <Panel small title={t("staff.departments")}>
          <Loaded query={departments}>{(all) => <Tree all={all} filters={list.filters} />}</Loaded>
        </Panel>
        <Panel small>
          <FilterBar names={names}>
            <SearchFilter name="q" label={t("staff.search")} />
            {corps.length > 0 && <SelectFilter name="corp_id" label={t("staff.corp")} options={corps} width={180} />}
            <SelectFilter name="hindrance" label={t("staff.serving")} options={choices.map((value) => ({ value, label: word("hindrances", value) }))} width={220} />
          </FilterBar>
          <Members list={list} departments={departments.data ?? []} hasCorps={corps.length > 0} />
        </Panel>
      </div>
    </Page>
  );
}

function Tree({ all, filters }: { all: Department[]; filters: Record<string, string> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const corps = useCorps();
  const { department_id: chosen, corp_id: corp, ...others } = filters;
  const top = Math.min(...all.map((one) => one.depth));
  const departmentsOf = (own: Department[]) =>
    own.map((one) => (
      <li key={one.id} style={{ paddingInlineStart: (one.depth - top + (corps.length > 0 ? 1 : 0)) * 16 }}>
        <Go to={address("/settings/staff", { ...others, department_id: one.id })} aria-current={chosen === one.id ? "true" : undefined}>
          {one.name}
        </Go>
        <span className="figure">{format.count(one.staff).full}</span>
      </li>
    ));
  return (
    <nav aria-label={t("staff.departments")}>
      <ul className="department-tree">
        <li>
          <Go to={address("/settings/staff", others)} aria-current={chosen || corp ? undefined : "true"}>
            {t("staff.everywhere")}
          </Go>
        </li>
        {corps.length === 0 && departmentsOf(all)}
      </ul>
      {corps.map(({ value, label }) => (
        <ul key={value} className="department-tree" aria-label={label}>
          <li>
            <Go to={address("/settings/staff", { ...others, corp_id: value })} aria-current={corp === value && !chosen ? "true" : undefined}>
              {label}
            </Go>
          </li>
          {departmentsOf(all.filter((one) => one.corp_id === value))}
        </ul>
      ))}
    </nav>
  );
}

function Members({ list, departments, hasCorps }: { list: ReturnType<typeof useList<Member>>; departments: Department[]; hasCorps: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [maySeeCustomers, maySeeLosses, mayHandOver] = [useMay("customers.read"), useMay("losses.read"), useMay("handovers.write")];
  const nameOf = new Map(departments.map((one) => [one.id, one.name]));
  const count = (value: number | null) => (value === null ? "–" : format.count(value).full);
  return (
    <ListTable<Member>
      list={list}
      rowKey="id"
      label={t("menu.staff")}
      empty={<EmptyState title={t("staff.empty")} purpose={t("staff.emptyPurpose")} action={{ label: t("menu.corps"), to: "/settings/wecom", permission: "corps.read" }} />}
      columns={[
        { key: "name", title: t("staff.name"), fixed: "left", render: (_, row) => row.name },
        { key: "userid", title: t("staff.userid"), choice: "hidden", render: (_, row) => <code>{row.userid}</code> },
        ...(hasCorps ? [{ key: "corp", title: t("staff.corp"), render: (_: unknown, row: Member) => row.corp_name ?? row.corp_id }] : []),
        { key: "status", title: t("staff.status"), render: (_, row) => <StatusTag group="staff.statuses" code={row.status} tone={tones[row.status]} /> },
        { key: "departments", title: t("staff.department"), render: (_, row) => row.department_ids.flatMap((id) => nameOf.get(id) ?? []).join(t("staff.comma")) || "–" },
        { key: "position", title: t("staff.position"), choice: "shown", render: (_, row) => row.position ?? "–" },
        { key: "serving", title: t("staff.serving"), render: (_, row) => <StatusTag group="hindrances" code={row.hindrance ?? "none"} tone={row.hindrance ? "warning" : "success"} /> },
        {
          key: "customers",
          title: t("staff.customers"),
          align: "right",
          render: (_, row) => (maySeeCustomers && row.customers ? <Go to={address("/customers", { staff_id: row.id })}>{count(row.customers)}</Go> : count(row.customers)),
        },
        { key: "groups", title: t("staff.groups"), align: "right", render: (_, row) => count(row.groups) },
        { key: "read", title: t("staff.readAt"), choice: "hidden", render: (_, row) => format.moment(row.read_at) },
        {
          key: "acts",
          title: t("common.acts"),
          render: (_, row) => (
            <span className="row-links">
              {maySeeLosses && (
                <Go to={address("/losses", { staff_id: row.id })} aria-label={t("staff.lossesOf", { name: row.name })}>
                  {t("staff.losses")}
                </Go>
              )}
              {mayHandOver && (row.customers ?? 0) > 0 && (
                <Go
                  to={address("/handovers/new", { ...(row.status === "left" ? { kind: "resigned" } : {}), giver: row.id })}
                  aria-label={t("staff.handOverOf", { name: row.name })}
                >
                  {t("staff.handOver")}
                </Go>
              )}
            </span>
          ),
        },
      ]}
    />
  );
}
