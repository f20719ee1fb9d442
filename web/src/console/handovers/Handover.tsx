import { StopOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Alert, Button, Flex, Progress, Skeleton } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { Permitted } from "@/shared/session";
import { EmptyState } from "@/shared/ui/EmptyState";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { PersonLink } from "@/shared/ui/PersonLink";
import { address } from "@/shared/urlState";
import { useAct } from "@/shared/useAct";
import { useActorName } from "@/shared/useNames";
import { problemText, useFormat, word } from "@/shared/words";
import { names, StateFilter, useHanded } from "./handed";
import { isOpen, Standing, states } from "./Standing";


/** One handover: how far it is, and where each customer stands. */
export default function Handover() {
  const { t } = useTranslation();
  const format = useFormat();
  const actor = useActorName();
  const { id } = useParams({ strict: false }) as { id: string };
  const handover = useQuery({
    queryKey: ["handovers", id],
    queryFn: () => body(client.GET("/api/handovers/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data && isOpen(state.data.counts) ? 5000 : false),
  });
  const data = handover.data;
  const title = data ? t("handovers.fromTo", { giver: data.giver.name, taker: data.taker.name }) : "…";
  return (
    <Page
      title={title}
      note={data && `${word("handovers.kinds", data.kind)} · ${format.moment(data.created_at)} · ${actor(data.created_by)}`}
      back={{ to: address("/handovers", data?.kind === "resigned" ? { tab: data.kind } : {}), label: t("menu.handovers") }}
      actions={data && (data.counts["planned"] ?? 0) > 0 && <Stop id={id} />}
    >
      <Loaded query={handover} skeleton={<Skeleton active paragraph={{ rows: 6 }} />}>
        {(one) => <Progressing handover={one} />}
      </Loaded>
      <People id={id} open={data ? isOpen(data.counts) : false} />
    </Page>
  );
}

function Progressing({ handover }: { handover: Schema<"HandoverOut"> }) {
  const { t } = useTranslation();
  const { counts, customers } = handover;
  const open = (counts["planned"] ?? 0) + (counts["asking"] ?? 0) + (counts["waiting"] ?? 0);
  return (
    <Panel small className="above">
      <Flex vertical gap={12}>
        <Standing counts={counts} />
        <Progress percent={Math.floor(((customers - open) / Math.max(1, customers)) * 100)} aria-label={t("handovers.progress")} />
        {handover.reason && <span>{t("handovers.because", { reason: handover.reason })}</span>}
        {open > 0 && <Alert type="info" showIcon title={t("handovers.rules")} />}
      </Flex>
    </Panel>
  );
}

function Stop({ id }: { id: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const stop = useAct({
    mutationFn: () => body(client.POST("/api/handovers/{id}/stop", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["handovers"] }),
  });
  const problem = stop.error instanceof ApiError ? problemText(stop.error, t) : null;
  return (
    <>
      {problem && <Alert type="error" showIcon role="alert" title={problem.title} />}
      <Permitted permission="handovers.write">
        <Button icon={<StopOutlined aria-hidden />} loading={stop.isPending} onClick={() => stop.mutate()}>
          {t("handovers.stop")}
        </Button>
      </Permitted>
    </>
  );
}

function People({ id, open }: { id: string; open: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const handed = useHanded();
  const list = useList<Schema<"HandedOut">>({
    queryKey: ["handovers", id, "customers"],
    names,
    load: (query) => body(client.GET("/api/handovers/{id}/customers", { params: { path: { id }, query } })),
    refresh: open && 5000,
  });
  return (
    <Panel small>
      <StateFilter states={states} />
      <ListTable
        list={list}
        rowKey="key"
        label={t("handovers.customers")}
        empty={<EmptyState title={t("handovers.nobody")} />}
        columns={[
          { key: "customer", title: t("customers.name"), fixed: "left", render: (_, row) => (row.customer ? <PersonLink id={row.customer.id} name={row.customer.name} avatar /> : t("handovers.unseen")) },
          handed.state,
          handed.why,
          handed.asked,
          { key: "due_at", title: t("handovers.dueAt"), choice: "shown", render: (_, row) => format.moment(row.due_at) },
          handed.settled,
        ]}
      />
    </Panel>
  );
}
