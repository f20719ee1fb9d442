import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Go } from "@/shared/ui/Go";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { StatusTag } from "@/shared/ui/StatusTag";
import { address } from "@/shared/urlState";
import { useFormat } from "@/shared/words";

/** The orders of one customer. */
export default function CustomerOrders({ id }: { id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const list = useList<Schema<"CustomerOrder">>({
    queryKey: ["customers", id, "orders"],
    names: [],
    load: (query) => body(client.GET("/api/customers/{id}/orders", { params: { path: { id }, query } })),
  });
  return (
    <ListTable
      list={list}
      label={t("customers.ordersOf")}
      rowKey="id"
      empty={<EmptyState title={t("customers.noOrders")} purpose={t("customers.noOrdersPurpose")} />}
      columns={[
        { key: "order_no", title: t("orders.number"), render: (_, row) => <Go to={address("/orders", { order: row.id })}>{row.order_no}</Go> },
        { key: "paid_at", title: t("orders.paidAt"), render: (_, row) => format.moment(row.paid_at) },
        { key: "status", title: t("orders.status"), render: (_, row) => <StatusTag group="orders.states" code={row.status} /> },
        { key: "shop", title: t("orders.shop"), dataIndex: "shop" },
        { key: "lines", title: t("orders.lines"), align: "right", dataIndex: "lines" },
        { key: "total", title: t("orders.total"), align: "right", render: (_, row) => format.money(row.total_fen).full },
        { key: "refunded", title: t("orders.refunded"), align: "right", render: (_, row) => (row.refunded_fen ? format.money(row.refunded_fen).full : "–") },
      ]}
    />
  );
}
