import { ReloadOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Flex, Table } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { Permitted, useMay } from "@/shared/session";
import { EmptyState } from "@/shared/ui/EmptyState";
import { GoButton } from "@/shared/ui/Go";
import { JobProgress } from "@/shared/ui/JobProgress";
import { Loaded } from "@/shared/ui/Loaded";
import { Panel } from "@/shared/ui/Panel";
import { address, useUrlState } from "@/shared/urlState";
import { useAct } from "@/shared/useAct";
import { useFormat } from "@/shared/words";

/** Members who have left, with the customers whom nobody has taken over. */
export default function Leavers() {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const mayPlan = useMay("handovers.write");
  const [state, set] = useUrlState();
  const leavers = useQuery({ queryKey: ["handovers", "leavers"], queryFn: () => body(client.GET("/api/handovers/leavers")) });
  const read = useAct({
    mutationFn: () => body(client.POST("/api/handovers/leavers/read")),
    onSuccess: (answer) => set({ jobs: answer.job_ids.join(".") || undefined }),
  });
  return (
    <Panel
      small
      className="above"
      title={t("handovers.leavers")}
      extra={
        <Permitted permission="handovers.write">
          <Button icon={<ReloadOutlined aria-hidden />} loading={read.isPending} onClick={() => read.mutate()}>
            {t("handovers.read")}
          </Button>
        </Permitted>
      }
    >
      <Flex vertical gap={12}>
        {state["jobs"]?.split(".").map((id) => <JobProgress key={id} id={id} onOver={() => void queries.invalidateQueries({ queryKey: ["handovers", "leavers"] })} />)}
        <Loaded query={leavers}>
          {(rows) =>
            rows.length === 0 ? (
              <EmptyState title={t("handovers.noLeavers")} purpose={t("handovers.noLeaversPurpose")} />
            ) : (
              <Table<Schema<"LeaverOut">>
                aria-label={t("handovers.leavers")}
                size="middle"
                rowKey={(row) => row.staff.id}
                dataSource={rows}
                pagination={false}
                scroll={{ x: "max-content" }}
                columns={[
                  { key: "name", title: t("common.staff"), render: (_, row) => row.staff.name },
                  { key: "left_at", title: t("handovers.leftAt"), render: (_, row) => format.moment(row.left_at) },
                  { key: "customers", title: t("handovers.unassigned"), align: "right", render: (_, row) => format.count(row.customers).full },
                  { key: "under_way", title: t("handovers.underWay"), align: "right", render: (_, row) => format.count(row.under_way).full },
                  {
                    key: "acts",
                    title: t("common.acts"),
                    render: (_, row) =>
                      mayPlan && (
                        <GoButton size="small" to={address("/handovers/new", { kind: "resigned", giver: row.staff.id })} aria-label={t("handovers.giveNamed", { name: row.staff.name })}>
                          {t("handovers.give")}
                        </GoButton>
                      ),
                  },
                ]}
              />
            )
          }
        </Loaded>
      </Flex>
    </Panel>
  );
}
