import { SettingOutlined } from "@ant-design/icons";
import { Button, Checkbox, Flex, Popover, Select, Skeleton, Table, type TableColumnType, type TableProps } from "antd";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useUrlState } from "../urlState";
import { useFormat } from "../words";
import { NoHit } from "./EmptyState";
import { limits, type List } from "./list";
import { Loaded } from "./Loaded";

export interface ListColumn<Row> extends Omit<TableColumnType<Row>, "key" | "title"> {
  key: string;
  title: string;
  /** May be hidden; "hidden" until someone asks for it. */
  choice?: "shown" | "hidden";
  /** Key the server sorts by. */
  sortKey?: string;
}

interface ListTableProps<Row extends object> {
  list: List<Row>;
  columns: ListColumn<Row>[];
  rowKey: keyof Row & string;
  /** Name of the table for those who hear it. */
  label: string;
  empty: ReactNode;
  tools?: ReactNode;
  /** Unit words for the total, such as "customers". */
  total?: (total: number) => string;
  expandable?: TableProps<Row>["expandable"];
  /** Rows to tick, across pages; `name` says whom a box is for. */
  picking?: { picked: string[]; pick: (ids: string[]) => void; name: (row: Row) => string };
}

/** Rows of a list with their pages, sorting and choice of columns; every choice is in the address. */
export function ListTable<Row extends object>({ list, columns, rowKey, label, empty, tools, total, expandable, picking }: ListTableProps<Row>) {
  const { t } = useTranslation();
  const [state, set] = useUrlState();
  const hidden = new Set(state["hide"] === undefined ? columns.filter((one) => one.choice === "hidden").map((one) => one.key) : state["hide"].split("."));
  const shown = columns.filter((one) => !hidden.has(one.key));
  const choices = columns.filter((one) => one.choice);
  return (
    <Loaded query={list.query} skeleton={<TableSkeleton columns={shown.length} />}>
      {(page) => {
        if (page.items.length === 0 && !list.previous) return list.isFiltered ? <NoHit clear={list.clear} /> : empty;
        return (
          <>
            {(tools || total || choices.length > 0) && (
              <div className="list-tools">
                <span className="page-note">{total && page.total !== null && page.total !== undefined ? total(page.total) : null}</span>
                <Flex gap={8} align="center" wrap>
                  {tools}
                  {choices.length > 0 && <ColumnChoice columns={choices} hidden={hidden} choose={(next) => set({ hide: [...next].join(".") || "none" })} />}
                </Flex>
              </div>
            )}
            <Table<Row>
              aria-label={label}
              size="middle"
              rowKey={rowKey}
              dataSource={page.items}
              pagination={false}
              loading={list.query.isPlaceholderData && { delay: 300 }}
              scroll={{ x: "max-content" }}
              {...(expandable ? { expandable } : {})}
              {...(picking ? { rowSelection: selection(picking, t) } : {})}
              columns={shown.map(({ sortKey, ...column }) => ({
                ...column,
                ...(sortKey
                  ? { sorter: true, sortOrder: list.sort.key === sortKey ? (list.sort.dir === "asc" ? ("ascend" as const) : ("descend" as const)) : null, sortDirections: ["descend" as const, "ascend" as const] }
                  : {}),
              }))}
              onChange={(_, __, sorter, extra) => {
                if (extra.action !== "sort" || Array.isArray(sorter)) return;
                const key = columns.find((one) => one.key === sorter.columnKey)?.sortKey;
                list.setSort(sorter.order ? key : undefined, sorter.order === "ascend" ? "asc" : "desc");
              }}
            />
            <Pager list={list} />
          </>
        );
      }}
    </Loaded>
  );
}

function selection<Row extends object>({ picked, pick, name }: NonNullable<ListTableProps<Row>["picking"]>, t: TFunction): NonNullable<TableProps<Row>["rowSelection"]> {
  return {
    selectedRowKeys: picked,
    preserveSelectedRowKeys: true,
    onChange: (keys) => pick(keys.map(String)),
    getCheckboxProps: (row) => ({ "aria-label": t("common.pick", { name: name(row) }) }),
    getTitleCheckboxProps: () => ({ "aria-label": t("common.pickShown") }),
  };
}

function ColumnChoice<Row>({ columns, hidden, choose }: { columns: ListColumn<Row>[]; hidden: Set<string>; choose: (hidden: Set<string>) => void }) {
  const { t } = useTranslation();
  const toggle = (key: string, isShown: boolean) => {
    const next = new Set(hidden);
    next.delete("none");
    if (isShown) next.delete(key);
    else next.add(key);
    choose(next);
  };
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      content={
        <Flex vertical gap={4} role="group" aria-label={t("common.columns")}>
          {columns.map((column) => (
            <Checkbox key={column.key} checked={!hidden.has(column.key)} onChange={(event) => toggle(column.key, event.target.checked)}>
              {column.title}
            </Checkbox>
          ))}
        </Flex>
      }
    >
      <Button icon={<SettingOutlined aria-hidden />}>{t("common.columns")}</Button>
    </Popover>
  );
}

function Pager<Row>({ list }: { list: List<Row> }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!list.next && !list.previous && list.limit === 50) return null;
  return (
    <nav className="pager" aria-label={t("common.pages")}>
      <Button disabled={!list.previous} onClick={() => list.previous?.()}>
        {t("common.previousPage")}
      </Button>
      <span>{t("common.pageNumber", { number: format.count(list.number).full })}</span>
      <Button disabled={!list.next} onClick={() => list.next?.()}>
        {t("common.nextPage")}
      </Button>
      <Select
        aria-label={t("common.pageSize")}
        value={list.limit}
        options={limits.map((value) => ({ value, label: t("common.perPage", { count: value }) }))}
        onChange={list.setLimit}
        style={{ width: 120 }}
      />
    </nav>
  );
}

function TableSkeleton({ columns }: { columns: number }) {
  return (
    <div className="table-skeleton">
      {Array.from({ length: 8 }, (_, row) => (
        <Flex key={row} gap={24}>
          {Array.from({ length: Math.min(columns, 7) }, (_, column) => (
            <Skeleton.Input key={column} active size="small" block />
          ))}
        </Flex>
      ))}
    </div>
  );
}
