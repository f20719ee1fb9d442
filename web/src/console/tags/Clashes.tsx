import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Drawer, Table, Tag } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { Bones } from "@/shared/ui/Bones";
import { ErrorState } from "@/shared/ui/ErrorState";
import { PersonLink } from "@/shared/ui/PersonLink";

/** Who bears several tags of an exclusive group, some more at a time. */
export default function Clashes({ corp, group, close }: { corp: string; group: Schema<"TagGroupOut">; close: () => void }) {
  const { t } = useTranslation();
  const pages = useInfiniteQuery({
    queryKey: ["tags", "clashes", corp, group.id],
    queryFn: ({ pageParam }) =>
      body(client.GET("/api/tags/{corp}/{group}/clashes", { params: { path: { corp, group: group.id }, query: pageParam ? { cursor: pageParam } : {} } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  return (
    <Drawer open onClose={close} title={t("tags.clashesTitle", { name: group.name })} size={640}>
      <p className="page-note">{t("tags.clashesNote")}</p>
      {pages.isError && <ErrorState error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isPending && <Bones />}
      {pages.data && (
        <Table<Schema<"ClashOut">>
          aria-label={t("tags.clashesTitle", { name: group.name })}
          size="small"
          rowKey="id"
          dataSource={pages.data.pages.flatMap((page) => page.items)}
          pagination={false}
          columns={[
            { key: "customer", title: t("customers.name"), render: (_, row) => <PersonLink id={row.customer.id} name={row.customer.name} /> },
            { key: "staff", title: t("common.staff"), dataIndex: "staff_name" },
            { key: "tags", title: t("tags.name"), render: (_, row) => row.tags.map((name) => <Tag key={name}>{name}</Tag>) },
          ]}
        />
      )}
      {pages.hasNextPage && (
        <Button loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t("common.more")}
        </Button>
      )}
    </Drawer>
  );
}
