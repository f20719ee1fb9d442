import { Table } from "antd";
import { useTranslation } from "react-i18next";

import type { Schema } from "@/shared/api";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useFormat } from "@/shared/words";

/** The tags of one group with the customers who bear them. */
export function GroupTable({ group }: { group: Schema<"TagGroupOut"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <section aria-label={group.name}>
      <h2 className="section-title">{group.name}</h2>
      <Table<Schema<"TagOut">>
        aria-label={group.name}
        size="small"
        rowKey="id"
        dataSource={group.tags}
        pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
        columns={[
          { key: "name", title: t("tags.name"), dataIndex: "name" },
          { key: "customers", title: t("tags.customers"), align: "right", width: 160, render: (_, row) => format.count(row.customers).full },
          { key: "use", title: t("tags.use"), width: 160, render: (_, row) => <StatusTag group="tags.uses" code={row.customers ? "used" : "unused"} tone={row.customers ? "success" : "default"} /> },
        ]}
      />
    </section>
  );
}
