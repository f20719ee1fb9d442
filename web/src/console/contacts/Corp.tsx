import { EditOutlined, SyncOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Descriptions, Flex, Typography } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { Permitted } from "@/shared/session";
import { useConfirmCount } from "@/shared/ui/ConfirmCount";
import { Bones } from "@/shared/ui/Bones";
import { JobProgress } from "@/shared/ui/JobProgress";
import { Panel } from "@/shared/ui/Panel";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useAct } from "@/shared/useAct";
import { problemText, useFormat } from "@/shared/words";
import { Doctor } from "./Doctor";

const Readings = lazy(() => import("./Readings"));

/** One connected app: its state, its freshness, reading it again, and how well the connection is. */
export function Corp({ corp, edit }: { corp: Schema<"CorpOut">; edit: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { message } = App.useApp();
  const confirm = useConfirmCount();
  const queries = useQueryClient();
  const path = { params: { path: { id: corp.id } } };
  const refresh = () => queries.invalidateQueries({ queryKey: ["corps"] });
  const failed = (error: Error) => void message.error(error instanceof ApiError ? problemText(error, t).title : error.message);
  const sync = useAct({ mutationFn: () => body(client.POST("/api/corps/{id}/sync", path)), onSuccess: refresh, onError: failed });
  const retry = useAct({ mutationFn: () => body(client.POST("/api/corps/{id}/retry", path)), onSuccess: refresh, onError: failed });
  const turn = useAct({ mutationFn: (active: boolean) => body(client.PATCH("/api/corps/{id}", { ...path, body: { active } })), onSuccess: refresh, onError: failed });
  const deactivate = () => confirm({ title: t("corps.deactivate"), touches: corp.name, consequence: t("corps.deactivateNote"), act: t("corps.deactivate"), understood: t("common.consequenceKnown"), danger: true, run: () => turn.mutateAsync(false) });
  return (
    <Panel
      title={
        <>
          {corp.name} <StatusTag group="corps.states" code={corp.active ? "active" : "disabled"} />
        </>
      }
      extra={
        <Flex gap={8} wrap>
          {corp.active && !corp.read_by && (
            <Permitted permission="corps.write">
              <Button icon={<SyncOutlined aria-hidden />} loading={sync.isPending} disabled={Boolean(corp.sync_job_id)} onClick={() => sync.mutate()}>
                {t("corps.sync")}
              </Button>
            </Permitted>
          )}
          <Permitted permission="corps.write">
            <Button icon={<EditOutlined aria-hidden />} onClick={edit}>
              {t("corps.edit")}
            </Button>
          </Permitted>
          <Permitted permission="corps.write">
            <Button danger={corp.active} loading={turn.isPending} onClick={() => (corp.active ? deactivate() : turn.mutate(true))}>
              {corp.active ? t("corps.deactivate") : t("corps.activate")}
            </Button>
          </Permitted>
        </Flex>
      }
    >
      {corp.stopped && (
        <Alert
          type="error"
          showIcon
          role="alert"
          className="form-alert"
          title={t("corps.stopped")}
          description={t("corps.stoppedNote", { code: corp.stopped.code, time: format.moment(corp.stopped.at) })}
          action={
            <Permitted permission="corps.write">
              <Button size="small" loading={retry.isPending} onClick={() => retry.mutate()}>
                {t("corps.retry")}
              </Button>
            </Permitted>
          }
        />
      )}
      {corp.old_keys_until && <Alert type="info" showIcon className="form-alert" title={t("corps.oldKeys", { time: format.moment(corp.old_keys_until) })} />}
      {!corp.active && <p className="page-note">{t("corps.inactiveNote")}</p>}
      {corp.read_by && <p className="page-note">{t("corps.readBy", { name: corp.read_by })}</p>}
      <Descriptions
        size="small"
        column={{ xs: 1, lg: 2 }}
        items={[
          { key: "corp", label: t("corps.corpId"), children: <code>{corp.corp_id}</code> },
          { key: "agent", label: t("corps.agentId"), children: <code>{corp.agent_id}</code> },
          { key: "base", label: t("corps.baseUrl"), children: <code className="break">{corp.base_url}</code> },
          { key: "synced", label: t("corps.syncedAt"), children: corp.synced_at ? format.moment(corp.synced_at) : t("corps.never") },
          {
            key: "callback",
            label: t("corps.callback"),
            span: 2,
            children: (
              <Typography.Text code copyable={{ text: corp.callback_url, tooltips: [t("common.copy"), t("common.copied")] }} className="break">
                {corp.callback_url}
              </Typography.Text>
            ),
          },
        ]}
      />
      {corp.sync_job_id && (
        <div className="below">
          <p className="page-note">{t("corps.syncing")}</p>
          <JobProgress id={corp.sync_job_id} onOver={() => void refresh()} />
        </div>
      )}
      <Suspense fallback={<Bones />}>
        <Readings corp={corp} />
      </Suspense>
      <Doctor corp={corp} />
    </Panel>
  );
}
