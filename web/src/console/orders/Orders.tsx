import { Tag } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { EmptyState } from "@/shared/ui/EmptyState";
import { FilterBar, SearchFilter, SelectFilter } from "@/shared/ui/FilterBar";
import { Go } from "@/shared/ui/Go";
import { useList } from "@/shared/ui/list";
import { ListPage } from "@/shared/ui/ListPage";
import { PersonLink } from "@/shared/ui/PersonLink";
import { StatusTag } from "@/shared/ui/StatusTag";
import { address, useUrlState } from "@/shared/urlState";
import { useFormat, word } from "@/shared/words";

const OrderDrawer = lazy(() => import("./OrderDrawer"));
const DaysFilter = lazy(() => import("@/shared/ui/DaysFilter"));

type Order = Schema<"OrderOut">;

const names = ["q", "status", "from", "to", "customer_id"] as const;
const states = ["paid", "partly_refunded", "refunded", "cancelled", "gift"] as const;

/** Orders with their customer; one of them open in a drawer when the address names it. */
export default function Orders() {
  const { t } = useTranslation();
  const format = useFormat();
  const [state, set] = useUrlState();
  const list = useList<Order>({ queryKey: ["orders"], names, load: (query) => body(client.GET("/api/orders", { params: { query } })) });
  return (
    <>
      <ListPage
        title={t("menu.orders")}
        list={list}
        rowKey="id"
        total={(count) => t("orders.count", { count, orders: format.count(count).full })}
        filters={
          <FilterBar names={names}>
            <SearchFilter name="q" label={t("orders.search")} placeholder={t("orders.searchHint")} />
            <SelectFilter name="status" label={t("orders.status")} options={states.map((value) => ({ value, label: word("orders.states", value) }))} />
            <Suspense fallback={null}>
              <DaysFilter label={t("orders.paidAt")} />
            </Suspense>
          </FilterBar>
        }
        empty={<EmptyState title={t("orders.empty")} purpose={t("orders.emptyPurpose")} action={{ label: t("imports.start"), to: "/imports", permission: "imports.write" }} />}
        columns={[
          { key: "order_no", title: t("orders.number"), fixed: "left", render: (_, row) => <Go to={address("/orders", { ...state, order: row.id })}>{row.order_no}</Go> },
          { key: "customer", title: t("orders.customer"), render: (_, row) => (row.customer?.id ? <PersonLink id={row.customer.id} name={row.customer.name} /> : <Tag>{t("orders.noCustomer")}</Tag>) },
          { key: "paid_at", title: t("orders.paidAt"), render: (_, row) => format.moment(row.paid_at) },
          { key: "status", title: t("orders.status"), render: (_, row) => <StatusTag group="orders.states" code={row.status} /> },
          { key: "lines", title: t("orders.lines"), align: "right", dataIndex: "lines" },
          { key: "total", title: t("orders.total"), align: "right", render: (_, row) => format.money(row.total_fen).full },
          { key: "refunded", title: t("orders.refunded"), align: "right", render: (_, row) => (row.refunded_fen ? format.money(row.refunded_fen).full : "–") },
          { key: "shop", title: t("orders.shop"), dataIndex: "shop" },
          { key: "source", title: t("orders.source"), choice: "shown", render: (_, row) => word("orders.sources", row.source) },
        ]}
      />
      <Suspense fallback={null}>{state["order"] && <OrderDrawer id={state["order"]} close={() => set({ order: undefined })} />}</Suspense>
    </>
  );
}
