import { StopOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Alert, App, Button, Flex, Skeleton } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { Permitted, useMay } from "@/shared/session";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Go } from "@/shared/ui/Go";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { address } from "@/shared/urlState";
import { useAct } from "@/shared/useAct";
import { useActorName } from "@/shared/useNames";
import { problemText, useFormat, word } from "@/shared/words";
import { names, StateFilter, useHanded } from "./handed";
import { isOpen, Standing } from "./Standing";

const states = ["planned", "asking", "waiting", "done", "failed", "stopped"] as const;

/** One handover of groups: how far it is, and where each group stands. */
export default function GroupHandover() {
  const { t } = useTranslation();
  const format = useFormat();
  const actor = useActorName();
  const { id } = useParams({ strict: false }) as { id: string };
  const handover = useQuery({
    queryKey: ["groupHandovers", id],
    queryFn: () => body(client.GET("/api/group_handovers/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data && isOpen(state.data.counts) ? 5000 : false),
  });
  const data = handover.data;
  return (
    <Page
      title={data ? t("handovers.fromTo", { giver: data.giver.name, taker: data.taker.name }) : "…"}
      note={data && `${word("handovers.kinds", data.kind)} · ${format.moment(data.created_at)} · ${actor(data.created_by)}`}
      back={{ to: address("/handovers", { tab: "groups" }), label: t("menu.handovers") }}
      actions={data && (data.counts["planned"] ?? 0) > 0 && <Stop id={id} />}
    >
      <Loaded query={handover} skeleton={<Skeleton active paragraph={{ rows: 4 }} />}>
        {(one) => (
          <Panel small className="above">
            <Flex vertical gap={12}>
              <Standing counts={one.counts} />
              {one.reason && <span>{t("handovers.because", { reason: one.reason })}</span>}
              {isOpen(one.counts) && <Alert type="info" showIcon title={t(`handovers.groups.rules.${one.kind}`)} />}
            </Flex>
          </Panel>
        )}
      </Loaded>
      <Groups id={id} open={data ? isOpen(data.counts) : false} />
    </Page>
  );
}

function Stop({ id }: { id: string }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const stop = useAct({
    mutationFn: () => body(client.POST("/api/group_handovers/{id}/stop", { params: { path: { id } } })),
    onError: (error) => void message.error(error instanceof ApiError ? problemText(error, t).title : error.message),
    onSettled: () => queries.invalidateQueries({ queryKey: ["groupHandovers"] }),
  });
  return (
    <Permitted permission="handovers.write">
      <Button icon={<StopOutlined aria-hidden />} loading={stop.isPending} onClick={() => stop.mutate()}>
        {t("handovers.groups.stop")}
      </Button>
    </Permitted>
  );
}

function Groups({ id, open }: { id: string; open: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const maySee = useMay("groups.read");
  const handed = useHanded();
  const list = useList<Schema<"HandedGroupOut">>({
    queryKey: ["groupHandovers", id, "groups"],
    names,
    load: (query) => body(client.GET("/api/group_handovers/{id}/groups", { params: { path: { id }, query } })),
    refresh: open && 5000,
  });
  return (
    <Panel small>
      <StateFilter states={states} />
      <ListTable
        list={list}
        rowKey="group_id"
        label={t("handovers.groups.count")}
        empty={<EmptyState title={t("handovers.groups.none")} />}
        columns={[
          { key: "name", title: t("handovers.groups.name"), fixed: "left", render: (_, row) => (maySee ? <Go to={`/groups/${row.group_id}`}>{row.name || "–"}</Go> : row.name || "–") },
          { key: "customers", title: t("handovers.customers"), align: "right", render: (_, row) => format.count(row.customers).full },
          handed.state,
          handed.why,
          handed.asked,
          handed.settled,
        ]}
      />
    </Panel>
  );
}
