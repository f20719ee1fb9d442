import { ClusterOutlined } from "@ant-design/icons";
import { Button, Flex } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { place } from "@/shared/format";
import { Permitted, useSession } from "@/shared/session";
import { Sum } from "@/shared/ui/Amount";
import { EmptyState } from "@/shared/ui/EmptyState";
import { FilterBar, SearchFilter, SelectFilter } from "@/shared/ui/FilterBar";
import { FilterWords } from "@/shared/ui/FilterWords";
import { useList } from "@/shared/ui/list";
import { ListPage } from "@/shared/ui/ListPage";
import type { ListColumn } from "@/shared/ui/ListTable";
import { MarkButton } from "@/shared/ui/MarkButton";
import { PersonLink } from "@/shared/ui/PersonLink";
import { contactTones, StageTag, useStages } from "@/shared/ui/Stage";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useSegments, useStaff } from "@/shared/useNames";
import { useFormat, word } from "@/shared/words";

const ExportCustomers = lazy(() => import("./ExportCustomers").then((module) => ({ default: module.ExportCustomers })));
const SaveSegment = lazy(() => import("@/shared/ui/SaveSegment"));

type CustomerRow = Schema<"CustomerRow">;

const shown = ["q", "stage", "rfm_name", "contact", "ordered", "staff_id", "segment_id"] as const;
/** Filters that figures elsewhere link with; said in words above the list. */
const linked = ["city", "rfm", "list_id", "orders_min", "paid_within", "first_paid_within", "added_within", "lost_within"] as const;
const names = [...shown, ...linked];
export const rfmNames = ["important_value", "important_development", "important_retention", "important_win_back", "general_value", "general_development", "general_retention", "general_win_back"] as const;

/** Everybody whom this account may see, narrowed by filters that live in the address. */
export default function Customers() {
  const { t } = useTranslation();
  const { account, scope } = useSession();
  const isUnlinked = scope.kind === "own" && !account.staff_id;
  const format = useFormat();
  const columns = useColumns();
  const stages = useStages();
  const staff = useStaff();
  const segments = useSegments();
  const [saving, setSaving] = useState(false);
  const [picked, setPicked] = useState<string[]>([]);
  const list = useList<CustomerRow>({ queryKey: ["customers"], names, load: (query) => body(client.GET("/api/customers", { params: { query: query as object } })) });
  const hidden = linked.filter((name) => list.filters[name]);

  return (
    <>
      <ListPage
        title={t("menu.customers")}
        list={list}
        rowKey="id"
        columns={columns}
        picking={{ picked, pick: setPicked, name: (row) => row.name ?? row.id.slice(-6) }}
        total={(count) => t("customers.total", { count, people: format.count(count).full })}
        filters={
          <>
            <FilterBar names={names} open={4}>
              <SearchFilter name="q" label={t("customers.search")} placeholder={t("customers.searchHint")} />
              <SelectFilter name="stage" label={t("filters.stage")} options={stages} />
              <SelectFilter name="rfm_name" label={t("filters.rfm_name")} options={rfmNames.map((value) => ({ value, label: word("rfmNames", value) }))} width={150} />
              <SelectFilter name="contact" label={t("filters.contact")} options={["yes", "no", "lost"].map((value) => ({ value, label: word("contactStates", value) }))} />
              <SelectFilter name="ordered" label={t("filters.ordered")} options={["yes", "no"].map((value) => ({ value, label: word("orderedStates", value) }))} />
              <SelectFilter name="staff_id" label={t("filters.staff_id")} options={staff.data?.items.map((one) => ({ value: one.id, label: one.label })) ?? []} loading={staff.isPending} width={160} />
              <SelectFilter name="segment_id" label={t("filters.segment_id")} options={segments.data?.items.map((one) => ({ value: one.id, label: one.name })) ?? []} loading={segments.isPending} width={180} />
            </FilterBar>
            {hidden.length > 0 && (
              <p>
                <FilterWords filter={Object.fromEntries(hidden.map((name) => [name, list.filters[name]]))} />
              </p>
            )}
          </>
        }
        tools={
          <Flex gap={8}>
            <MarkButton
              whom={picked.length > 0 ? { customer_ids: picked } : { filter: list.filters }}
              label={picked.length > 0 ? t("customers.markPicked", { people: format.count(picked.length).full }) : t("customers.mark")}
            />
            <Permitted permission="segments.edit">
              <Button icon={<ClusterOutlined aria-hidden />} onClick={() => setSaving(true)}>
                {t("segments.save")}
              </Button>
            </Permitted>
            <Suspense fallback={null}>
              <ExportCustomers filters={list.filters} sort={list.sort} total={list.query.data?.total ?? null} columns={columns.map((column) => column.key)} />
            </Suspense>
          </Flex>
        }
        empty={isUnlinked ? <EmptyState title={t("customers.unlinked")} purpose={t("customers.unlinkedPurpose")} /> : <EmptyState title={t("customers.empty")} purpose={t("customers.emptyPurpose")} action={{ label: t("imports.start"), to: "/imports", permission: "imports.write" }} />}
      />
      <Suspense fallback={null}>{saving && <SaveSegment filter={list.filters} close={() => setSaving(false)} />}</Suspense>
    </>
  );
}

function useColumns(): ListColumn<CustomerRow>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    { key: "name", title: t("customers.name"), fixed: "left", render: (_, row) => <PersonLink id={row.id} name={row.name} avatar /> },
    { key: "stage", title: t("filters.stage"), choice: "shown", render: (_, row) => (row.stage ? <StageTag stage={row.stage} /> : "–") },
    {
      key: "rfm",
      title: t("filters.rfm_name"),
      choice: "shown",
      render: (_, row) =>
        row.rfm ? (
          <span title={`R${row.rfm.r} F${row.rfm.f} M${row.rfm.m}`}>
            {word("rfmNames", row.rfm.name)} <span className="page-note figure">{`${row.rfm.r}${row.rfm.f}${row.rfm.m}`}</span>
          </span>
        ) : (
          "–"
        ),
    },
    { key: "orders", title: t("customers.orders"), choice: "shown", align: "right", sortKey: "orders", render: (_, row) => format.count(row.orders).full },
    { key: "revenue", title: t("customers.revenue"), choice: "shown", align: "right", sortKey: "revenue", render: (_, row) => <Sum of={row.revenue} /> },
    { key: "last_paid_at", title: t("customers.lastPaid"), choice: "shown", sortKey: "last_paid_at", render: (_, row) => format.day(row.last_paid_at) },
    { key: "city", title: t("filters.city"), choice: "shown", render: (_, row) => place(row.province, row.city) },
    {
      key: "contact",
      title: t("filters.contact"),
      choice: "shown",
      render: (_, row) => (row.contact ? <StatusTag group="contactStates" code={row.contact} tone={contactTones[row.contact] ?? "default"} /> : "–"),
    },
    { key: "staff", title: t("filters.staff_id"), choice: "shown", render: (_, row) => row.staff.map((one) => one.name).join(t("common.listComma")) || "–" },
    { key: "gender", title: t("customers.gender"), choice: "hidden", render: (_, row) => (row.gender ? word("genders", row.gender) : "–") },
    { key: "masked_phone", title: t("customers.phone"), choice: "hidden", render: (_, row) => row.masked_phone ?? "–" },
    { key: "created_at", title: t("customers.since"), choice: "hidden", sortKey: "created_at", render: (_, row) => format.day(row.created_at) },
  ];
}
