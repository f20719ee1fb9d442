import { SyncOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { Permitted, useMay } from "@/shared/session";
import { EmptyState } from "@/shared/ui/EmptyState";
import { FilterBar, SearchFilter, SelectFilter } from "@/shared/ui/FilterBar";
import { Go } from "@/shared/ui/Go";
import { useList } from "@/shared/ui/list";
import { ListPage } from "@/shared/ui/ListPage";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useAct } from "@/shared/useAct";
import { problemText, useFormat, word } from "@/shared/words";

type Group = Schema<"GroupOut">;

const names = ["q", "state", "owner_id"] as const;
const states = ["active", "dismissed"] as const;

/** Customer groups: whose they are, how many are in them, who came and went today, and when WeCom was last asked. */
export default function Groups() {
  const { t } = useTranslation();
  const format = useFormat();
  const mayNameStaff = useMay("staff.read");
  const staff = useQuery({ queryKey: ["staff"], queryFn: () => body(client.GET("/api/staff", { params: { query: { limit: 200 } } })), enabled: mayNameStaff });
  const list = useList<Group>({ queryKey: ["groups"], names, load: (query) => body(client.GET("/api/groups", { params: { query } })), refresh: 60_000 });
  return (
    <ListPage
      title={t("menu.customerGroups")}
      note={t("groups.note")}
      list={list}
      rowKey="id"
      actions={<Sync />}
      filters={
        <FilterBar names={names}>
          <SearchFilter name="q" label={t("groups.search")} />
          <SelectFilter name="state" label={t("groups.state")} options={states.map((value) => ({ value, label: word("groups.states", value) }))} />
          {staff.data && <SelectFilter name="owner_id" label={t("groups.owner")} options={staff.data.items.map((one) => ({ value: one.id, label: one.name }))} width={160} />}
        </FilterBar>
      }
      empty={<EmptyState title={t("groups.empty")} purpose={t("groups.emptyPurpose")} action={{ label: t("menu.corps"), to: "/settings/wecom", permission: "corps.read" }} />}
      columns={[
        { key: "name", title: t("groups.name"), fixed: "left", render: (_, row) => <Go to={`/groups/${row.id}`}>{row.name || t("groups.nameless")}</Go> },
        { key: "owner", title: t("groups.owner"), render: (_, row) => row.owner.name },
        { key: "state", title: t("groups.state"), render: (_, row) => <StatusTag group="groups.states" code={row.state} tone={row.state === "active" ? "success" : "default"} /> },
        { key: "customers", title: t("groups.customers"), align: "right", render: (_, row) => format.count(row.customers).full },
        { key: "members", title: t("groups.members"), align: "right", choice: "shown", render: (_, row) => format.count(row.members).full },
        { key: "strangers", title: t("groups.strangers"), align: "right", choice: "shown", render: (_, row) => format.count(row.strangers).full },
        { key: "joined", title: t("groups.joinedToday"), align: "right", render: (_, row) => format.count(row.joined_today).full },
        { key: "left", title: t("groups.leftToday"), align: "right", render: (_, row) => format.count(row.left_today).full },
        { key: "created", title: t("common.createdAt"), choice: "shown", render: (_, row) => format.day(row.created_at) },
        { key: "read", title: t("groups.readAt"), render: (_, row) => format.moment(row.read_at) },
      ]}
    />
  );
}

function Sync() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const sync = useAct({
    mutationFn: () => body(client.POST("/api/groups/sync")),
    onSuccess: async () => {
      void message.success(t("common.readingAgain"));
      await queries.invalidateQueries({ queryKey: ["jobs"] });
    },
    onError: (error) => void message.error(error instanceof ApiError ? problemText(error, t).title : String(error)),
  });
  return (
    <Permitted permission="groups.sync">
      <Button icon={<SyncOutlined aria-hidden />} loading={sync.isPending} onClick={() => sync.mutate()}>
        {t("common.readAgain")}
      </Button>
    </Permitted>
  );
}
