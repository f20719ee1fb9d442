import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Table } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { useMay } from "@/shared/session";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Go, GoButton } from "@/shared/ui/Go";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Loaded } from "@/shared/ui/Loaded";
import { Panel } from "@/shared/ui/Panel";
import { address } from "@/shared/urlState";
import { useActorName } from "@/shared/useNames";
import { useFormat, word } from "@/shared/words";
import { isOpen, Standing } from "./Standing";

const NEW = "/handovers/groups/new";

/** Groups whose owners have left, and what became of groups that were given to others. */
export default function GroupRecords() {
  const { t } = useTranslation();
  const format = useFormat();
  const actor = useActorName();
  const mayPlan = useMay("handovers.write");
  const list = useList<Schema<"GroupHandoverOut">>({
    queryKey: ["groupHandovers", "list"],
    names: [],
    load: (query) => body(client.GET("/api/group_handovers", { params: { query } })),
    refresh: (rows) => (rows.some((row) => isOpen(row.counts)) ? 5000 : false),
  });
  return (
    <>
      <Leavers />
      <Panel
        small
        title={t("handovers.groups.records")}
        extra={
          mayPlan && (
            <GoButton to={NEW} type="primary" icon={<PlusOutlined aria-hidden />}>
              {t("handovers.groups.new")}
            </GoButton>
          )
        }
      >
        <ListTable
          list={list}
          rowKey="id"
          label={t("handovers.groups.records")}
          empty={<EmptyState title={t("handovers.groups.empty")} purpose={t("handovers.groups.emptyPurpose")} />}
          columns={[
            {
              key: "pair",
              title: t("handovers.pair"),
              fixed: "left",
              render: (_, row) => <Go to={`/handovers/groups/${row.id}`}>{t("handovers.fromTo", { giver: row.giver.name, taker: row.taker.name })}</Go>,
            },
            { key: "kind", title: t("handovers.groups.kind"), render: (_, row) => word("handovers.kinds", row.kind) },
            { key: "groups", title: t("handovers.groups.count"), align: "right", render: (_, row) => format.count(row.groups).full },
            { key: "standing", title: t("handovers.standing"), render: (_, row) => <Standing counts={row.counts} /> },
            { key: "reason", title: t("handovers.reason"), render: (_, row) => row.reason || "–" },
            { key: "created_at", title: t("common.createdAt"), render: (_, row) => format.moment(row.created_at) },
            { key: "by", title: t("common.createdBy"), render: (_, row) => actor(row.created_by) },
          ]}
        />
      </Panel>
    </>
  );
}

function Leavers() {
  const { t } = useTranslation();
  const format = useFormat();
  const mayPlan = useMay("handovers.write");
  const leavers = useQuery({ queryKey: ["groupHandovers", "leavers"], queryFn: () => body(client.GET("/api/group_handovers/leavers")) });
  return (
    <Loaded query={leavers}>
      {(rows) =>
        rows.length > 0 && (
          <Panel small className="above" title={t("handovers.groups.leavers")}>
            <Table<Schema<"GroupLeaverOut">>
              aria-label={t("handovers.groups.leavers")}
              size="middle"
              rowKey={(row) => row.staff.id}
              dataSource={rows}
              pagination={false}
              scroll={{ x: "max-content" }}
              columns={[
                { key: "name", title: t("common.staff"), render: (_, row) => row.staff.name },
                { key: "groups", title: t("handovers.groups.count"), align: "right", render: (_, row) => format.count(row.groups).full },
                { key: "under_way", title: t("handovers.underWay"), align: "right", render: (_, row) => format.count(row.under_way).full },
                {
                  key: "acts",
                  title: t("common.acts"),
                  render: (_, row) =>
                    mayPlan && (
                      <GoButton size="small" to={address(NEW, { kind: "resigned", giver: row.staff.id })} aria-label={t("handovers.groups.giveNamed", { name: row.staff.name })}>
                        {t("handovers.give")}
                      </GoButton>
                    ),
                },
              ]}
            />
          </Panel>
        )
      }
    </Loaded>
  );
}
