import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Table, Tag } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Loaded } from "@/shared/ui/Loaded";
import { Panel } from "@/shared/ui/Panel";
import { useFormat } from "@/shared/words";

const Declare = lazy(() => import("./Declare"));

type EventName = Schema<"EventName">;

/** Every name that came in or was declared, the undeclared first. */
export function Names({ mayManage }: { mayManage: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [open, setOpen] = useState<EventName | null>(null);
  const names = useQuery({ queryKey: ["event-names"], queryFn: () => body(client.GET("/api/event-names")), refetchInterval: 10_000 });
  return (
    <Panel small>
      <Loaded query={names}>
        {(all) => {
          const undeclared = all.filter((one) => !one.declared_at).length;
          if (all.length === 0) return <EmptyState title={t("intake.none")} purpose={t("intake.nonePurpose")} action={{ label: t("menu.sources"), to: "/settings/sources", permission: "sources.manage" }} />;
          return (
            <>
              {undeclared > 0 && <Alert type="info" showIcon className="form-alert" title={t("intake.undeclaredNote", { count: undeclared, number: format.count(undeclared).full })} />}
              <Table<EventName>
                aria-label={t("intake.tabs.names")}
                size="middle"
                rowKey="name"
                dataSource={all}
                pagination={all.length > 50 && { pageSize: 50, showSizeChanger: false }}
                scroll={{ x: "max-content" }}
                columns={[
                  { key: "name", title: t("intake.name"), render: (_, row) => <code>{row.name}</code> },
                  { key: "meaning", title: t("intake.meaning"), render: (_, row) => (row.declared_at ? row.meaning : <Tag color="warning">{t("intake.undeclared")}</Tag>) },
                  { key: "events", title: t("intake.events"), align: "right", render: (_, row) => format.count(row.events).full },
                  { key: "first", title: t("intake.first"), render: (_, row) => format.moment(row.first_at) },
                  { key: "last", title: t("intake.last"), render: (_, row) => format.moment(row.last_at) },
                  { key: "sources", title: t("intake.sources"), align: "right", render: (_, row) => row.source_ids.length },
                  ...(mayManage
                    ? [
                        {
                          key: "acts",
                          title: t("common.acts"),
                          render: (_: unknown, row: EventName) => (
                            <Button size="small" onClick={() => setOpen(row)} aria-label={`${t(row.declared_at ? "intake.change" : "intake.declare")} ${row.name}`}>
                              {t(row.declared_at ? "intake.change" : "intake.declare")}
                            </Button>
                          ),
                        },
                      ]
                    : []),
                ]}
              />
            </>
          );
        }}
      </Loaded>
      <Suspense fallback={null}>{open && <Declare event={open} close={() => setOpen(null)} />}</Suspense>
    </Panel>
  );
}
