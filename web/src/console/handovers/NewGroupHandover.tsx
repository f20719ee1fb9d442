import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Flex, Form, Input, Select, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { EmptyState } from "@/shared/ui/EmptyState";
import { useGo } from "@/shared/ui/Go";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { address, useUrlState } from "@/shared/urlState";
import { useAct, useKeys } from "@/shared/useAct";
import { useStaff } from "@/shared/useNames";
import { problemText, useFormat, word } from "@/shared/words";
import { Start } from "./Start";
import { useColleagues } from "./useColleagues";

type Wish = Schema<"GroupHandoverIn">;

/** Groups for another owner: whose, which, to whom, and a look at what will happen. */
export default function NewGroupHandover() {
  const { t } = useTranslation();
  const [state, set] = useUrlState();
  const staff = useStaff();
  const kind = state["kind"] === "resigned" ? "resigned" : "in_service";
  const { giver, taker } = state;
  const [picked, setPicked] = useState<string[] | null>(null);
  const [reason, setReason] = useState("");
  const colleagues = useColleagues(giver);
  const givers = (staff.data?.items ?? []).filter((one) => one.active === (kind === "in_service") && (one.groups ?? 0) > 0).map((one) => ({ value: one.id, label: one.label }));
  const wish: Wish | null = giver && taker && picked?.length !== 0 ? { kind, giver_id: giver, taker_id: taker, group_ids: picked, reason } : null;
  return (
    <Page title={t(`handovers.groups.newKinds.${kind}`)} back={{ to: address("/handovers", { tab: "groups" }), label: t("menu.handovers") }}>
      <Panel>
        <Form layout="vertical">
          <Form.Item label={t("handovers.groups.giver")} htmlFor="giver" required>
            <Select
              id="giver"
              showSearch={{ optionFilterProp: "label" }}
              loading={staff.isPending}
              value={giver ?? null}
              options={givers}
              onChange={(value: string) => {
                setPicked(null);
                set({ giver: value });
              }}
            />
          </Form.Item>
          {giver && <Picks owner={giver} picked={picked} pick={setPicked} />}
          <Form.Item label={t("handovers.groups.taker")} htmlFor="taker" required>
            <Select id="taker" showSearch={{ optionFilterProp: "label" }} value={taker ?? null} options={colleagues} onChange={(value: string) => set({ taker: value })} />
          </Form.Item>
          <Form.Item label={t("handovers.reason")} htmlFor="reason">
            <Input id="reason" maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />
          </Form.Item>
        </Form>
        {wish && <Outlook wish={wish} />}
      </Panel>
    </Page>
  );
}

/** The owner's groups to tick; all of them until somebody chooses. */
function Picks({ owner, picked, pick }: { owner: string; picked: string[] | null; pick: (ids: string[]) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = { owner_id: owner, state: "active" as const, limit: 100 };
  const groups = useQuery({ queryKey: ["groups", "picks", owner], queryFn: () => body(client.GET("/api/groups", { params: { query } })) });
  return (
    <Form.Item label={t("handovers.groups.which")} extra={t("handovers.groups.whichNote")}>
      <Loaded query={groups}>
        {(page) =>
          page.items.length === 0 ? (
            <EmptyState title={t("handovers.groups.none")} />
          ) : (
            <Table<Schema<"GroupOut">>
              aria-label={t("handovers.groups.which")}
              size="small"
              rowKey="id"
              dataSource={page.items}
              pagination={false}
              scroll={{ x: "max-content", y: 320 }}
              rowSelection={{
                selectedRowKeys: picked ?? page.items.map((row) => row.id),
                onChange: (keys) => pick(keys.map(String)),
                getCheckboxProps: (row) => ({ "aria-label": t("common.pick", { name: row.name || row.id.slice(-6) }) }),
                getTitleCheckboxProps: () => ({ "aria-label": t("common.pickShown") }),
              }}
              columns={[
                { key: "name", title: t("handovers.groups.name"), render: (_, row) => row.name || "–" },
                { key: "customers", title: t("handovers.customers"), align: "right", render: (_, row) => format.count(row.customers).full },
              ]}
            />
          )
        }
      </Loaded>
    </Form.Item>
  );
}

/** What will happen, what cannot, and the button that begins it. */
function Outlook({ wish }: { wish: Wish }) {
  const { t } = useTranslation();
  const format = useFormat();
  const go = useGo();
  const queries = useQueryClient();
  const keys = useKeys();
  const { reason, ...asked } = wish;
  const preview = useQuery({ queryKey: ["groupHandovers", "preview", asked], queryFn: () => body(client.POST("/api/group_handovers/preview", { body: { ...asked, reason: "" } })), gcTime: 0 });
  const plan = useAct({
    mutationFn: () => body(client.POST("/api/group_handovers", { body: { ...asked, reason }, headers: keys({ ...asked, reason }) })),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ["groupHandovers"] });
      go(`/handovers/groups/${made.id}`);
    },
  });
  const problem = plan.error instanceof ApiError ? problemText(plan.error, t) : null;
  return (
    <Loaded query={preview}>
      {(seen) => {
        const groups = format.count(seen.ready).full;
        return (
          <Flex vertical gap={16}>
            <p>{t("handovers.groups.summary", { giver: seen.giver.name, taker: seen.taker.name, found: format.count(seen.found).full, ready: groups })}</p>
            {Object.entries(seen.hindered).map(([code, count]) => (
              <Alert key={code} type="warning" showIcon title={t("handovers.groups.hindered", { groups: format.count(count).full, reason: word("handovers.hindrances", code) })} />
            ))}
            {seen.days > 1 && <Alert type="info" showIcon title={t("handovers.groups.days", { days: seen.days })} />}
            <Alert type="info" showIcon title={t(`handovers.groups.rules.${wish.kind}`)} />
            {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} />}
            <Flex justify="flex-end">
              <Start ready={seen.ready} touches={t("handovers.groups.touches", { groups })} consequence={t("handovers.groups.consequence")} understood={t("handovers.groups.checked")} plan={plan} />
            </Flex>
          </Flex>
        );
      }}
    </Loaded>
  );
}
