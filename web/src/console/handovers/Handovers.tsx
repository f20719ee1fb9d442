import { PlusOutlined } from "@ant-design/icons";
import { Tabs } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { useMay } from "@/shared/session";
import { Bones } from "@/shared/ui/Bones";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Go, GoButton } from "@/shared/ui/Go";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { useUrlState } from "@/shared/urlState";
import { useActorName } from "@/shared/useNames";
import { useFormat } from "@/shared/words";
import { isOpen, Standing } from "./Standing";

const GroupRecords = lazy(() => import("./GroupRecords"));
const Leavers = lazy(() => import("./Leavers"));

const kinds = ["in_service", "resigned"] as const;
type Kind = (typeof kinds)[number];
const tabs = [...kinds, "groups"] as const;

/** Customers given from one member to another, by members who stay and by those who have left; groups given to another owner. */
export default function Handovers() {
  const { t } = useTranslation();
  const [state, set] = useUrlState();
  const mayPlan = useMay("handovers.write");
  const tab = tabs.find((one) => one === state["tab"]) ?? "in_service";
  return (
    <Page
      title={t("menu.handovers")}
      note={t("handovers.note")}
      actions={
        mayPlan &&
        tab === "in_service" && (
          <GoButton to="/handovers/new" type="primary" icon={<PlusOutlined aria-hidden />}>
            {t("handovers.new")}
          </GoButton>
        )
      }
    >
      <Tabs
        activeKey={tab}
        onChange={(next) => set({ tab: next === "in_service" ? undefined : next, cursor: undefined })}
        destroyOnHidden
        items={tabs.map((key) => ({
          key,
          label: t(`handovers.kinds.${key}`),
          children: key === "groups" ? (
            <Suspense fallback={<Bones />}>
              <GroupRecords />
            </Suspense>
          ) : (
            <>
              {key === "resigned" && (
                <Suspense fallback={<Bones />}>
                  <Leavers />
                </Suspense>
              )}
              <Records kind={key} />
            </>
          ),
        }))}
      />
    </Page>
  );
}

function Records({ kind }: { kind: Kind }) {
  const { t } = useTranslation();
  const format = useFormat();
  const actor = useActorName();
  const list = useList<Schema<"HandoverOut">>({
    queryKey: ["handovers", "list", kind],
    names: [],
    load: (query) => body(client.GET("/api/handovers", { params: { query: { ...query, kind } } })),
    refresh: (rows) => (rows.some((row) => isOpen(row.counts)) ? 5000 : false),
  });
  const action = kind === "in_service" ? { label: t("handovers.new"), to: "/handovers/new", permission: "handovers.write" } : undefined;
  return (
    <Panel small title={t("handovers.records")}>
      <ListTable
        list={list}
        rowKey="id"
        label={t("handovers.records")}
        empty={<EmptyState title={t("handovers.empty")} purpose={t(`handovers.emptyPurposes.${kind}`)} action={action} />}
        columns={[
          {
            key: "pair",
            title: t("handovers.pair"),
            fixed: "left",
            render: (_, row) => <Go to={`/handovers/${row.id}`}>{t("handovers.fromTo", { giver: row.giver.name, taker: row.taker.name })}</Go>,
          },
          { key: "customers", title: t("handovers.customers"), align: "right", render: (_, row) => format.count(row.customers).full },
          { key: "standing", title: t("handovers.standing"), render: (_, row) => <Standing counts={row.counts} /> },
          { key: "reason", title: t("handovers.reason"), render: (_, row) => row.reason || "–" },
          { key: "created_at", title: t("common.createdAt"), render: (_, row) => format.moment(row.created_at) },
          { key: "by", title: t("common.createdBy"), render: (_, row) => actor(row.created_by) },
        ]}
      />
    </Panel>
  );
}
