import { useQuery } from "@tanstack/react-query";
import { Alert, Descriptions, Drawer, Table } from "antd";
import { useTranslation } from "react-i18next";

import { body, client } from "@/shared/api";
import { Loaded } from "@/shared/ui/Loaded";
import { PersonLink } from "@/shared/ui/PersonLink";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useFormat, word } from "@/shared/words";

/** One order beside the list: its lines, its customer, its money. */
export default function OrderDrawer({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer open onClose={close} title={t("orders.one")} size={640}>
      <OrderCard id={id} />
    </Drawer>
  );
}

function OrderCard({ id }: { id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const order = useQuery({ queryKey: ["orders", id], queryFn: () => body(client.GET("/api/orders/{order_id}", { params: { path: { order_id: id } } })) });
  return (
    <Loaded query={order}>
      {(data) => (
        <>
          <Descriptions
            size="small"
            column={2}
            items={[
              { key: "no", label: t("orders.number"), children: data.order_no },
              { key: "status", label: t("orders.status"), children: <StatusTag group="orders.states" code={data.status} /> },
              { key: "customer", label: t("orders.customer"), children: data.customer?.id ? <PersonLink id={data.customer.id} name={data.customer.name} /> : t("orders.noCustomer") },
              { key: "paid", label: t("orders.paidAt"), children: format.moment(data.paid_at) },
              { key: "shop", label: t("orders.shop"), children: data.shop },
              { key: "source", label: t("orders.source"), children: word("orders.sources", data.source) },
              { key: "total", label: t("orders.total"), children: format.money(data.total_fen).full },
              { key: "refunded", label: t("orders.refunded"), children: data.refunded_fen ? format.money(data.refunded_fen).full : "–" },
            ]}
          />
          {!data.customer?.id && <Alert type="info" showIcon title={t("orders.noCustomerNote")} className="form-alert" />}
          <Table
            size="small"
            aria-label={t("orders.lines")}
            rowKey={(line) => `${line.kind}-${line.sku}-${line.quantity}-${line.amount}`}
            dataSource={data.lines}
            pagination={false}
            scroll={{ x: "max-content" }}
            columns={[
              { title: t("orders.product"), key: "name", render: (_, line) => line.name ?? line.sku ?? "–" },
              { title: t("orders.sku"), dataIndex: "sku", key: "sku" },
              { title: t("orders.kind"), key: "kind", render: (_, line) => word("orders.kinds", line.kind) },
              { title: t("orders.quantity"), dataIndex: "quantity", key: "quantity", align: "right" },
              { title: t("orders.unitPrice"), key: "price", align: "right", render: (_, line) => format.sum(line.unit_price).full },
              { title: t("orders.amount"), key: "amount", align: "right", render: (_, line) => format.sum(line.amount).full },
            ]}
          />
        </>
      )}
    </Loaded>
  );
}
