import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Flex, Table } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { Bones } from "@/shared/ui/Bones";
import { ErrorState } from "@/shared/ui/ErrorState";
import { PersonLink } from "@/shared/ui/PersonLink";
import { StageTag } from "@/shared/ui/Stage";
import { useFormat } from "@/shared/words";

interface PicksProps {
  staffId: string;
  picked: string[];
  pick: (ids: string[]) => void;
}

/** The customers of a member to tick, some more at a time. */
export default function Picks({ staffId, picked, pick }: PicksProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const pages = useInfiniteQuery({
    queryKey: ["customers", "picks", staffId],
    queryFn: ({ pageParam }) => body(client.GET("/api/customers", { params: { query: { staff_id: staffId, limit: 100, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  if (pages.isError) return <ErrorState error={pages.error} retry={() => void pages.refetch()} />;
  if (!pages.data) return <Bones />;
  return (
    <Flex vertical gap={8} className="below">
      <Table<Schema<"CustomerRow">>
        aria-label={t("handovers.some")}
        size="small"
        rowKey="id"
        dataSource={pages.data.pages.flatMap((page) => page.items)}
        pagination={false}
        scroll={{ x: "max-content" }}
        rowSelection={{
          selectedRowKeys: picked,
          onChange: (keys) => pick(keys.map(String)),
          getCheckboxProps: (row) => ({ "aria-label": t("common.pick", { name: row.name ?? row.id.slice(-6) }) }),
          getTitleCheckboxProps: () => ({ "aria-label": t("common.pickShown") }),
        }}
        columns={[
          { key: "name", title: t("customers.name"), render: (_, row) => <PersonLink id={row.id} name={row.name} /> },
          { key: "stage", title: t("filters.stage"), render: (_, row) => (row.stage ? <StageTag stage={row.stage} /> : "–") },
          { key: "last_paid_at", title: t("customers.lastPaid"), render: (_, row) => format.day(row.last_paid_at) },
        ]}
      />
      <Flex justify="space-between" align="center">
        <span className="page-note" aria-live="polite">
          {t("common.picked", { people: format.count(picked.length).full })}
        </span>
        {pages.hasNextPage && (
          <Button loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            {t("common.more")}
          </Button>
        )}
      </Flex>
    </Flex>
  );
}
