import type { UseQueryResult } from "@tanstack/react-query";
import { Table, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";

import { Loaded } from "@/shared/ui/Loaded";
import { useFormat } from "@/shared/words";

/** The members' parts of something published, by name. */
export function Parts<Part extends { name: string }>({ detail, columns }: { detail: UseQueryResult<{ parts: Part[] }>; columns: TableColumnsType<Part> }) {
  const { t } = useTranslation();
  return (
    <Loaded query={detail}>
      {({ parts }) => (
        <Table<Part>
          aria-label={t("published.parts")}
          size="small"
          rowKey="name"
          dataSource={parts}
          pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false }}
          columns={[{ key: "name", title: t("published.member"), dataIndex: "name" }, ...columns]}
        />
      )}
    </Loaded>
  );
}

/** Makes columns that show one count of a row, under the heading of the same name. */
export function useCounted() {
  const { t } = useTranslation();
  const format = useFormat();
  return <Name extends "likes" | "comments" | "reached" | "waiting" | "full" | "gone">(name: Name) => ({
    key: name,
    title: t(`published.${name}`),
    align: "right" as const,
    render: (_: unknown, row: { counts: Record<Name, number> }) => format.count(row.counts[name]).full,
  });
}
