import { PlusOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Table } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { useConfirmCount } from "@/shared/ui/ConfirmCount";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useAct } from "@/shared/useAct";
import { useFormat, word } from "@/shared/words";

const NewSource = lazy(() => import("./NewSource"));

type Source = Schema<"SourceOut">;

/** Shops and other machines that hand in orders, each with a key of its own. */
export default function Sources() {
  const { t } = useTranslation();
  const format = useFormat();
  const confirm = useConfirmCount();
  const queries = useQueryClient();
  const [making, setMaking] = useState(false);
  const sources = useQuery({ queryKey: ["sources"], queryFn: () => body(client.GET("/api/sources")) });
  const revoke = useAct({
    mutationFn: (source: Source) => client.DELETE("/api/sources/{id}", { params: { path: { id: source.id } } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["sources"] }),
  });
  const make = (
    <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setMaking(true)}>
      {t("sources.new")}
    </Button>
  );
  return (
    <Page title={t("menu.sources")} note={t("sources.note")} actions={make}>
      <Panel small>
        <Loaded query={sources}>
          {(all) =>
            all.length === 0 ? (
              <EmptyState title={t("sources.empty")} purpose={t("sources.emptyPurpose")} />
            ) : (
              <Table
                aria-label={t("menu.sources")}
                size="middle"
                rowKey="id"
                dataSource={all}
                pagination={false}
                columns={[
                  { key: "name", title: t("sources.name"), dataIndex: "name" },
                  { key: "key", title: t("sources.key"), render: (_, row) => <code>{row.key_hint}</code> },
                  { key: "kind", title: t("sources.kind"), render: (_, row) => word("sources.kinds", row.kind) },
                  { key: "state", title: t("sources.state"), render: (_, row) => <StatusTag group="sources.states" code={row.revoked_at ? "disabled" : "active"} /> },
                  { key: "created", title: t("common.createdAt"), render: (_, row) => format.moment(row.created_at) },
                  { key: "revoked", title: t("sources.revokedAt"), render: (_, row) => format.moment(row.revoked_at) },
                  {
                    key: "acts",
                    title: t("common.acts"),
                    render: (_, row) =>
                      row.revoked_at ? null : (
                        <Button
                          size="small"
                          danger
                          onClick={() =>
                            confirm({ title: t("sources.revoke"), touches: row.name, consequence: t("sources.revokeNote"), act: t("sources.revoke"), understood: t("common.consequenceKnown"), danger: true, run: () => revoke.mutateAsync(row) })
                          }
                        >
                          {t("sources.revoke")}
                        </Button>
                      ),
                  },
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
      <Alert type="info" showIcon className="below" title={t("sources.how")} description={<code className="break">{`curl -H "Authorization: Bearer …" -H "Content-Type: application/json" -d @order.json ${window.location.origin}/api/orders`}</code>} />
      <Suspense fallback={null}>{making && <NewSource close={() => setMaking(false)} />}</Suspense>
    </Page>
  );
}
