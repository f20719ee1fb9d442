import { DeleteOutlined, EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Flex, Table } from "antd";
import { useTranslation } from "react-i18next";

import type { Schema } from "@/shared/api";
import { Permitted } from "@/shared/session";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useFormat } from "@/shared/words";

import { Exclusive } from "./Exclusive";
import type { Wish } from "./TagForm";

interface GroupTableProps {
  corp: string;
  group: Schema<"TagGroupOut">;
  change: (wish: Wish) => void;
  remove: (one: { id: string; name: string; customers: number }) => void;
}

/** The tags of one group with the customers who bear them, and what may be done with each. */
export function GroupTable({ corp, group, change, remove }: GroupTableProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const acts = (one: { id: string; name: string; customers: number }) => (
    <>
      <Permitted permission="tags.write">
        <Button type="text" size="small" icon={<EditOutlined aria-hidden />} aria-label={t("tags.renameTitle", { name: one.name })} onClick={() => change({ act: "rename", id: one.id, name: one.name })} />
      </Permitted>
      <Permitted permission="tags.write">
        <Button type="text" size="small" danger icon={<DeleteOutlined aria-hidden />} aria-label={t("tags.deleteTitle", { name: one.name })} onClick={() => remove(one)} />
      </Permitted>
    </>
  );
  const borne = Math.max(0, ...group.tags.map((tag) => tag.customers));
  return (
    <section aria-label={group.name}>
      <Flex gap={8} align="center">
        <h2 className="section-title">{group.name}</h2>
        {acts({ id: group.id, name: group.name, customers: borne })}
        <Permitted permission="tags.write">
          <Button type="text" size="small" icon={<PlusOutlined aria-hidden />} onClick={() => change({ act: "add", group })}>
            {t("tags.add")}
          </Button>
        </Permitted>
      </Flex>
      <Exclusive corp={corp} group={group} />
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
          { key: "acts", title: t("common.acts"), width: 120, render: (_, row) => acts(row) },
        ]}
      />
    </section>
  );
}
