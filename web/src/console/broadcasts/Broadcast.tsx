import { StopOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Alert, App, Button, Descriptions, Flex, Input, Modal, Skeleton, Tabs } from "antd";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { Permitted } from "@/shared/session";
import { Bones } from "@/shared/ui/Bones";
import { useConfirmCount } from "@/shared/ui/ConfirmCount";
import { Go, GoButton } from "@/shared/ui/Go";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { PhonePreview } from "@/shared/ui/PhonePreview";
import { StatusTag } from "@/shared/ui/StatusTag";
import { address, useUrlState } from "@/shared/urlState";
import { useAct } from "@/shared/useAct";
import { useActorName } from "@/shared/useNames";
import { problemText, useFormat, word } from "@/shared/words";

import Changed, { type Change } from "./Changed";

const Approval = lazy(() => import("./Approval"));
const Recipients = lazy(() => import("./Recipients"));
const Result = lazy(() => import("./Result"));

type BroadcastAnswer = Schema<"BroadcastOut">;

/** One broadcast from approval to its proof. */
export default function Broadcast() {
  const { t } = useTranslation();
  const format = useFormat();
  const { id } = useParams({ strict: false }) as { id: string };
  const [state, set] = useUrlState();
  const broadcast = useQuery({
    queryKey: ["broadcasts", id],
    queryFn: () => body(client.GET("/api/broadcasts/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data?.state === "scheduled" || state.data?.state === "sending" ? 3000 : false),
  });
  const data = broadcast.data;
  const [changed, setChanged] = useState<Change | null>(null);
  const refetch = broadcast.refetch;
  /** Shows what somebody has changed since `before` was looked at, if that is why an act was refused. */
  const heed = async (error: Error, before: BroadcastAnswer) => {
    if (!(error instanceof ApiError) || error.code !== "broadcast.changed") return false;
    const { data: after } = await refetch();
    if (after) setChanged({ before, after });
    return true;
  };
  return (
    <Page
      title={
        <Flex gap={12} align="center" component="span">
          {data?.name ?? "…"} {data && <StatusTag group="broadcasts.states" code={data.state} />}
        </Flex>
      }
      tabTitle={data?.name ?? ""}
      note={data && <Facts broadcast={data} />}
      back={{ to: "/broadcasts", label: t("menu.broadcasts") }}
      actions={data && <Acts broadcast={data} heed={heed} acted={() => setChanged(null)} />}
    >
      <Loaded query={broadcast} skeleton={<Skeleton active paragraph={{ rows: 10 }} />}>
        {(one) => (
          <>
            {changed && <Changed change={changed} close={() => setChanged(null)} />}
            {one.state === "scheduled" && <Alert type="info" showIcon className="above" title={one.starts_at ? t("broadcasts.willSend", { time: format.moment(one.starts_at) }) : t("broadcasts.stopWindow")} />}
            {one.state === "draft" && one.rejection && <Alert type="warning" showIcon className="above" title={t("broadcasts.rejected", { reason: one.rejection })} />}
            {one.state === "awaiting_approval" && <Alert type="warning" showIcon className="above" title={t("broadcasts.awaitingNote")} />}
            <Tabs
              activeKey={state["tab"] ?? "result"}
              onChange={(tab) => set({ tab: tab === "result" ? undefined : tab, cursor: undefined, state: undefined, reason: undefined })}
              destroyOnHidden
              items={[
                { key: "result", label: t("broadcasts.tabs.result"), children: <Later><Result broadcast={one} /></Later> },
                { key: "people", label: t("broadcasts.tabs.people"), children: <Later><Recipients id={id} /></Later> },
                { key: "content", label: t("broadcasts.tabs.content"), children: <Content broadcast={one} /> },
              ]}
            />
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** Room for a tab whose code is still on its way. */
function Later({ children }: { children: ReactNode }) {
  return <Suspense fallback={<Bones />}>{children}</Suspense>;
}

function Facts({ broadcast }: { broadcast: BroadcastAnswer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const actor = useActorName();
  const begins = broadcast.started_at ?? broadcast.starts_at ?? broadcast.send_at;
  return (
    <>
      <Go to={`/segments/${broadcast.segment.id}`}>{broadcast.segment.name}</Go> · {word("broadcasts.purposes", broadcast.purpose)}
      {begins && ` · ${format.moment(begins)}`} · {t("broadcasts.madeBy", { name: actor(broadcast.created_by) })}
      {broadcast.approved_by && ` · ${t("broadcasts.approvedBy", { name: actor(broadcast.approved_by) })}`}
    </>
  );
}

function Content({ broadcast }: { broadcast: BroadcastAnswer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { material } = broadcast;
  return (
    <Panel>
      <Flex gap={32} wrap align="flex-start">
        <PhonePreview sender={t("broadcasts.senderExample")} text={material.text} link={material.link_url && material.link_title ? { title: material.link_title, url: material.link_url } : null} />
        <Descriptions
          column={1}
          size="small"
          className="grow"
          items={[
            { key: "link", label: t("broadcasts.linkUrl"), children: material.link_url ?? "–" },
            { key: "holdout", label: t("broadcasts.holdout"), children: format.rate(broadcast.holdout_bp / 10_000) },
            { key: "horizon", label: t("broadcasts.horizon"), children: t("common.days", { count: broadcast.horizon_days }) },
          ]}
        />
      </Flex>
    </Panel>
  );
}

interface ActsProps {
  broadcast: BroadcastAnswer;
  heed: (error: Error, before: BroadcastAnswer) => Promise<boolean>;
  acted: () => void;
}

function Acts({ broadcast, heed, acted }: ActsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { message } = App.useApp();
  const confirm = useConfirmCount();
  const queries = useQueryClient();
  // What was shown when a dialog was opened is what it decides on.
  const [approving, setApproving] = useState<BroadcastAnswer | null>(null);
  const [rejecting, setRejecting] = useState<BroadcastAnswer | null>(null);
  const [reason, setReason] = useState("");
  const path = { id: broadcast.id };
  const settle = {
    onSuccess: () => {
      acted();
      return queries.invalidateQueries({ queryKey: ["broadcasts"] });
    },
    onError: (error: Error) => {
      if (error instanceof ApiError) void message.error(problemText(error, t).title);
    },
  };
  const reject = useAct({
    mutationFn: (looked: BroadcastAnswer) => client.POST("/api/broadcasts/{id}/reject", { params: { path }, body: { reason: reason.trim(), version: looked.version } }),
    ...settle,
    onError: async (error, looked) => {
      if (await heed(error, looked)) setRejecting(null);
      else settle.onError(error);
    },
  });
  const stop = useAct({ mutationFn: () => client.POST("/api/broadcasts/{id}/stop", { params: { path } }), ...settle });
  const touches = ({ name, frozen_count: people }: BroadcastAnswer) => (people === null ? name : t("broadcasts.listed", { count: people, people: format.count(people).full }));

  const barred = broadcast.beyond_scope ? t("broadcasts.beyondScope") : null;

  if (broadcast.state === "draft")
    return (
      <Permitted permission="broadcasts.write">
        <GoButton type="primary" to={address("/broadcasts/new", { draft: broadcast.id })}>
          {t("broadcasts.goOn")}
        </GoButton>
      </Permitted>
    );
  if (broadcast.state === "awaiting_approval")
    return (
      <>
        <Permitted permission="broadcasts.approve" barred={barred}>
          <Button onClick={() => setRejecting(broadcast)}>{t("broadcasts.reject")}</Button>
        </Permitted>
        <Permitted permission="broadcasts.approve" barred={barred}>
          <Button type="primary" onClick={() => setApproving(broadcast)}>
            {t("broadcasts.approve")}
          </Button>
        </Permitted>
        <Suspense fallback={null}>{approving && <Approval broadcast={approving} touches={touches(approving)} heed={(error) => heed(error, approving)} acted={acted} close={() => setApproving(null)} />}</Suspense>
        <Modal
          open={rejecting !== null}
          title={t("broadcasts.reject")}
          okText={t("broadcasts.reject")}
          cancelText={t("common.cancel")}
          okButtonProps={{ danger: true, disabled: !reason.trim() }}
          confirmLoading={reject.isPending}
          onCancel={() => setRejecting(null)}
          onOk={() => rejecting && reject.mutateAsync(rejecting).then(() => setRejecting(null), () => undefined)}
        >
          <label htmlFor="reject-reason">{t("broadcasts.rejectReason")}</label>
          <Input.TextArea id="reject-reason" rows={3} maxLength={300} value={reason} onChange={(event) => setReason(event.target.value)} />
        </Modal>
      </>
    );
  if (broadcast.state === "scheduled" || broadcast.state === "sending")
    return (
      <Permitted permission="broadcasts.write" barred={barred}>
        <Button
          danger
          icon={<StopOutlined aria-hidden />}
          loading={stop.isPending}
          onClick={() =>
            confirm({
              title: t("broadcasts.stop"),
              touches: touches(broadcast),
              consequence: t("broadcasts.stopNote"),
              act: t("broadcasts.stop"),
              understood: t(broadcast.frozen_count === null ? "common.consequenceKnown" : "common.peopleChecked"),
              danger: true,
              run: () => stop.mutateAsync(),
            })
          }
        >
          {t("broadcasts.stop")}
        </Button>
      </Permitted>
    );
  return null;
}
