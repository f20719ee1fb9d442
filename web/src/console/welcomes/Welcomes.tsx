import { PlusOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Flex, Table, Tag } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

import { type Answer, body, client, type Schema } from "@/shared/api";
import { Permitted } from "@/shared/session";
import { useConfirmCount } from "@/shared/ui/ConfirmCount";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useActorName } from "@/shared/useNames";
import { useUrlState } from "@/shared/urlState";
import { useAct } from "@/shared/useAct";
import { useFormat } from "@/shared/words";
import Results from "./Results";

const Editor = lazy(() => import("./Editor"));

type Welcome = Schema<"WelcomeOut">;
type OfApp = Answer<"/api/welcomes">[number];

/** First words to new customers, by connected app, and what came of them. */
export default function Welcomes() {
  const { t } = useTranslation();
  const [state, set] = useUrlState();
  const welcomes = useQuery({ queryKey: ["welcomes", "list"], queryFn: () => body(client.GET("/api/welcomes")) });
  const close = () => set({ write: undefined, edit: undefined });
  const edited = welcomes.data?.flatMap((app) => app.welcomes).find((one) => one.id === state["edit"]);
  const corpId = edited?.corp_id ?? welcomes.data?.find((app) => app.corp_id === state["write"])?.corp_id;
  return (
    <Page title={t("menu.welcomes")} note={t("welcomes.note")}>
      <Loaded query={welcomes}>
        {(apps) =>
          apps.length === 0 ? (
            <Panel>
              <EmptyState title={t("welcomes.noApps")} purpose={t("welcomes.noAppsPurpose")} action={{ label: t("menu.corps"), to: "/settings/wecom", permission: "corps.read" }} />
            </Panel>
          ) : (
            <Flex vertical gap={16}>
              {apps.map((app) => (
                <One key={app.corp_id} app={app} write={() => set({ write: app.corp_id })} edit={(welcome) => set({ edit: welcome.id })} />
              ))}
              <Results />
            </Flex>
          )
        }
      </Loaded>
      <Suspense fallback={null}>{corpId && <Editor key={edited?.id ?? corpId} corpId={corpId} welcome={edited ?? null} close={close} />}</Suspense>
    </Page>
  );
}

function One({ app, write, edit }: { app: OfApp; write: () => void; edit: (welcome: Welcome) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const actor = useActorName();
  const confirm = useConfirmCount();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const turn = useAct({
    mutationFn: ({ id, active }: Welcome) => body(client.POST(active ? "/api/welcomes/{id}/off" : "/api/welcomes/{id}/on", { params: { path: { id } } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["welcomes"] });
      void message.success(t("common.saved"));
    },
  });
  const sourcesOf = (welcome: Welcome) => (welcome.states.length > 0 ? welcome.states.join(t("common.listComma")) : t("welcomes.everybody"));
  const ask = (welcome: Welcome) => {
    const act = t(welcome.active ? "welcomes.switchOff" : "welcomes.switchOn");
    confirm({
      title: act,
      touches: t("welcomes.touches", { who: sourcesOf(welcome) }),
      consequence: t(welcome.active ? "welcomes.switchOffNote" : "welcomes.switchOnNote"),
      act,
      understood: t("common.consequenceKnown"),
      danger: welcome.active,
      run: () => turn.mutateAsync(welcome),
    });
  };
  const add = (
    <Permitted permission="welcomes.write">
      <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={write}>
        {t("welcomes.new")}
      </Button>
    </Permitted>
  );
  return (
    <Panel
      title={
        <>
          {app.name} {!app.active && <StatusTag group="welcomes.isOn" code="off" tone="default" />}
        </>
      }
      extra={app.welcomes.length > 0 && add}
    >
      {!app.active && <p className="page-note">{t("welcomes.appOff")}</p>}
      {app.welcomes.length === 0 ? (
        <EmptyState title={t("welcomes.empty")} purpose={t("welcomes.emptyPurpose")} extra={add} />
      ) : (
        <Table
          aria-label={app.name}
          size="middle"
          rowKey="id"
          dataSource={app.welcomes}
          pagination={false}
          scroll={{ x: "max-content" }}
          columns={[
            {
              key: "text",
              title: t("welcomes.text"),
              render: (_, row) => (
                <>
                  <div className="welcome-text">{row.text}</div>
                  {row.link_title && <div className="page-note">{row.link_title}</div>}
                </>
              ),
            },
            {
              key: "states",
              title: t("welcomes.states"),
              render: (_, row) =>
                row.states.length === 0 ? (
                  t("welcomes.everybody")
                ) : (
                  <Flex gap={4} wrap className="welcome-states">
                    {row.states.map((one) => (
                      <Tag key={one}>{one}</Tag>
                    ))}
                  </Flex>
                ),
            },
            { key: "state", title: t("welcomes.state"), render: (_, row) => <StatusTag group="welcomes.isOn" code={row.active ? "on" : "off"} tone={row.active ? "success" : "default"} /> },
            { key: "changed", title: t("welcomes.changed"), render: (_, row) => t("welcomes.changedBy", { time: format.moment(row.changed_at), name: actor(row.changed_by) }) },
            {
              key: "acts",
              title: t("common.acts"),
              render: (_, row) => (
                <Flex gap={8}>
                  <Permitted permission="welcomes.write">
                    <Button size="small" onClick={() => edit(row)}>
                      {t("common.edit")}
                    </Button>
                  </Permitted>
                  <Permitted permission="welcomes.write">
                    <Button size="small" danger={row.active} onClick={() => ask(row)}>
                      {t(row.active ? "welcomes.switchOff" : "welcomes.switchOn")}
                    </Button>
                  </Permitted>
                </Flex>
              ),
            },
          ]}
        />
      )}
    </Panel>
  );
}
