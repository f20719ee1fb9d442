import { PlusOutlined, SyncOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Descriptions, Flex } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { Permitted } from "@/shared/session";
import { EmptyState } from "@/shared/ui/EmptyState";
import { GoButton } from "@/shared/ui/Go";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useFormat } from "@/shared/words";

const Connect = lazy(() => import("./Connect"));

type Corp = Schema<"CorpOut">;

/** Connected WeCom apps: what they are, when they were last read, and reading them again. */
export default function Corps() {
  const { t } = useTranslation();
  const [connecting, setConnecting] = useState(false);
  const corps = useQuery({ queryKey: ["corps"], queryFn: () => body(client.GET("/api/corps")), refetchInterval: 15_000 });
  const connect = (
    <Permitted permission="corps.write">
      <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setConnecting(true)}>
        {t("corps.connect")}
      </Button>
    </Permitted>
  );
  return (
    <Page title={t("menu.corps")} note={t("corps.note")} actions={corps.data && corps.data.length > 0 ? connect : null}>
      <Loaded query={corps}>
        {(all) =>
          all.length === 0 ? (
            <Panel>
              <EmptyState title={t("corps.empty")} purpose={t("corps.emptyPurpose")} extra={connect} />
            </Panel>
          ) : (
            <Flex vertical gap={16}>
              {all.map((corp) => (
                <One key={corp.id} corp={corp} />
              ))}
            </Flex>
          )
        }
      </Loaded>
      <Suspense fallback={null}>{connecting && <Connect close={() => setConnecting(false)} />}</Suspense>
    </Page>
  );
}

function One({ corp }: { corp: Corp }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const sync = useMutation({
    mutationFn: () => body(client.POST("/api/corps/{id}/sync", { params: { path: { id: corp.id } } })),
    onSuccess: async () => {
      void message.success(t("corps.syncing"));
      await queries.invalidateQueries({ queryKey: ["jobs"] });
    },
  });
  return (
    <Panel
      title={
        <>
          {corp.name} <StatusTag group="corps.states" code={corp.active ? "active" : "disabled"} />
        </>
      }
      extra={
        <Flex gap={8}>
          <GoButton to="/jobs">{t("menu.jobs")}</GoButton>
          <Permitted permission="corps.write">
            <Button icon={<SyncOutlined aria-hidden />} loading={sync.isPending} onClick={() => sync.mutate()}>
              {t("corps.sync")}
            </Button>
          </Permitted>
        </Flex>
      }
    >
      <Descriptions
        size="small"
        column={{ xs: 1, lg: 2 }}
        items={[
          { key: "corp", label: t("corps.corpId"), children: <code>{corp.corp_id}</code> },
          { key: "agent", label: t("corps.agentId"), children: <code>{corp.agent_id}</code> },
          { key: "base", label: t("corps.baseUrl"), children: <code className="break">{corp.base_url}</code> },
          { key: "synced", label: t("corps.syncedAt"), children: corp.synced_at ? format.moment(corp.synced_at) : t("corps.never") },
          { key: "callback", label: t("corps.callback"), span: 2, children: <code className="break">{`${window.location.origin}${corp.callback_path}`}</code> },
        ]}
      />
    </Panel>
  );
}
