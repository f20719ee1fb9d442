import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Flex, Modal, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { EmptyState } from "@/shared/ui/EmptyState";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Panel } from "@/shared/ui/Panel";
import { useAct } from "@/shared/useAct";
import { problemText, useFormat, word } from "@/shared/words";

type Message = Schema<"ParkedOut">;
type Clock = "sender" | "receipt";

/** Messages that could not be taken, each with its reason, to be read again. */
export function Parked() {
  const { t } = useTranslation();
  const format = useFormat();
  const [asked, setAsked] = useState<Message | "all" | null>(null);
  const list = useList<Message>({ queryKey: ["parked-messages"], names: [], load: (query) => body(client.GET("/api/parked-messages", { params: { query } })) });
  return (
    <Panel small>
      {!!list.query.data?.items.length && (
        <Flex justify="end" className="form-alert">
          <Button onClick={() => setAsked("all")}>{t("intake.replayAll")}</Button>
        </Flex>
      )}
      <ListTable<Message>
        list={list}
        rowKey="id"
        label={t("intake.tabs.parked")}
        empty={<EmptyState title={t("intake.noParked")} purpose={t("intake.noParkedPurpose")} />}
        expandable={{ expandedRowRender: (row) => <pre className="event-sample">{row.body}</pre> }}
        columns={[
          { key: "received", title: t("intake.received"), render: (_, row) => format.moment(row.received_at) },
          { key: "reason", title: t("intake.reason"), render: (_, row) => word("intake.reasons", row.reason) },
          { key: "kind", title: t("intake.kind"), render: (_, row) => (row.kind ? <code>{row.kind}</code> : "–") },
          { key: "body", title: t("intake.body"), ellipsis: true, render: (_, row) => <code>{row.body.slice(0, 120)}</code> },
          {
            key: "acts",
            title: t("common.acts"),
            render: (_, row) => (
              <Button size="small" onClick={() => setAsked(row)}>
                {t("intake.replay")}
              </Button>
            ),
          },
        ]}
      />
      {asked && <Replay asked={asked} close={() => setAsked(null)} />}
    </Panel>
  );
}

function Replay({ asked, close }: { asked: Message | "all"; close: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [clock, setClock] = useState<Clock>("sender");
  const replay = useAct({
    mutationFn: async () => {
      if (asked === "all") {
        await body(client.POST("/api/parked-messages/replay", { body: { clock } }));
        return t("intake.replaying");
      }
      const told = await body(client.POST("/api/parked-messages/{id}/replay", { params: { path: { id: asked.id } }, body: { clock } }));
      return t(`intake.replayed.${told.taken ? "taken" : told.known ? "known" : "parked"}`);
    },
    onSuccess: async (said) => {
      await queries.invalidateQueries({ queryKey: ["parked-messages"] });
      void message.info(said);
      close();
    },
    onError: (error) => {
      if (error instanceof ApiError) void message.error(problemText(error, t).title);
    },
  });
  return (
    <Modal open title={t("intake.replayTitle")} okText={t("intake.replay")} cancelText={t("common.cancel")} confirmLoading={replay.isPending} onCancel={close} onOk={() => replay.mutate()}>
      <p>{t("intake.clock")}</p>
      <Radio.Group value={clock} onChange={(event) => setClock(event.target.value as Clock)} options={(["sender", "receipt"] as const).map((value) => ({ value, label: t(`intake.clocks.${value}`) }))} />
    </Modal>
  );
}
