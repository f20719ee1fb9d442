import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Flex, Form, Input, Radio, Select, Steps, Table } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { Bones } from "@/shared/ui/Bones";
import { useConfirmCount } from "@/shared/ui/ConfirmCount";
import { useGo } from "@/shared/ui/Go";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { address, useUrlState } from "@/shared/urlState";
import { useStaff } from "@/shared/useNames";
import { problemText, useFormat, word } from "@/shared/words";

const Picks = lazy(() => import("./Picks"));

const steps = ["whom", "takers", "confirm"] as const;

/** Customers for other members in three steps: whose and which, to whom, and a look at what will happen. */
export default function NewHandover() {
  const { t } = useTranslation();
  const [state, set] = useUrlState();
  const staff = useStaff();
  const kind = state["kind"] === "resigned" ? "resigned" : "in_service";
  const giver = state["giver"];
  const takers = state["takers"]?.split(".") ?? [];
  const isSome = kind === "in_service" && state["which"] === "some";
  const [picked, setPicked] = useState<string[]>([]);
  const [reason, setReason] = useState("");
  const [message, setMessage] = useState("");
  const isChosen = Boolean(giver) && (!isSome || picked.length > 0);
  // What was ticked does not survive a reload: whoever wanted some begins again, and never ends up with all.
  const step = Math.min(Math.max(0, steps.findIndex((one) => one === state["step"])), isChosen ? (takers.length > 0 ? 2 : 1) : 0);
  const go = (next: number) => set({ step: steps[next] }, { push: true });
  const options = (staff.data?.items ?? []).filter((one) => one.active).map((one) => ({ value: one.id, label: one.name }));
  const isReady = step === 0 ? isChosen : takers.length > 0;
  const wish = giver && takers.length > 0 ? { kind, giver_id: giver, taker_ids: takers, customer_ids: isSome ? picked : null, reason, message: kind === "resigned" ? "" : message } as const : null;
  return (
    <Page title={t(`handovers.newKinds.${kind}`)} back={{ to: address("/handovers", kind === "resigned" ? { tab: kind } : {}), label: t("menu.handovers") }}>
      <Panel small className="above">
        <Steps size="small" current={step} items={steps.map((name) => ({ title: t(`handovers.steps.${name}`) }))} />
      </Panel>
      {step === 2 && wish ? (
        <Confirm wish={wish} back={() => go(1)} />
      ) : (
        <Panel title={t(`handovers.steps.${step === 0 ? "whom" : "takers"}`)}>
          <Form layout="vertical">
            {step === 0 ? (
              <>
                <Form.Item label={t("handovers.giver")} htmlFor="giver" required>
                  {kind === "resigned" ? (
                    <Leaver id={giver} />
                  ) : (
                    <Select
                      id="giver"
                      showSearch={{ optionFilterProp: "label" }}
                      loading={staff.isPending}
                      value={giver ?? null}
                      options={options}
                      onChange={(value: string) => {
                        setPicked([]);
                        set({ giver: value, takers: undefined });
                      }}
                    />
                  )}
                </Form.Item>
                {kind === "in_service" && giver && (
                  <Form.Item label={t("handovers.which")}>
                    <Radio.Group
                      aria-label={t("handovers.which")}
                      value={isSome}
                      onChange={(event) => set({ which: event.target.value ? "some" : undefined })}
                      options={[
                        { value: false, label: t("handovers.everybody") },
                        { value: true, label: t("handovers.some") },
                      ]}
                    />
                    {isSome && (
                      <Suspense fallback={<Bones />}>
                        <Picks staffId={giver} picked={picked} pick={setPicked} />
                      </Suspense>
                    )}
                  </Form.Item>
                )}
              </>
            ) : (
              <>
                <Form.Item label={t("handovers.takers")} htmlFor="takers" required extra={t("handovers.takersNote")}>
                  <Select
                    id="takers"
                    mode="multiple"
                    showSearch={{ optionFilterProp: "label" }}
                    value={takers}
                    options={options.filter((one) => one.value !== giver)}
                    onChange={(value: string[]) => set({ takers: value.join(".") || undefined })}
                  />
                </Form.Item>
                <Form.Item label={t("handovers.reason")} htmlFor="reason">
                  <Input id="reason" maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />
                </Form.Item>
                {kind === "in_service" && (
                  <Form.Item label={t("handovers.message")} htmlFor="message" extra={t("handovers.messageNote")}>
                    <Input.TextArea id="message" maxLength={200} showCount autoSize={{ minRows: 2 }} value={message} onChange={(event) => setMessage(event.target.value)} />
                  </Form.Item>
                )}
              </>
            )}
          </Form>
          <Flex gap={8} justify="flex-end">
            {step === 1 && <Button onClick={() => go(0)}>{t("common.back")}</Button>}
            <Button type="primary" disabled={!isReady} onClick={() => go(step + 1)}>
              {t("common.next")}
            </Button>
          </Flex>
        </Panel>
      )}
    </Page>
  );
}

function Leaver({ id }: { id: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const leavers = useQuery({ queryKey: ["handovers", "leavers"], queryFn: () => body(client.GET("/api/handovers/leavers")) });
  return (
    <Loaded query={leavers}>
      {(rows) => {
        const one = rows.find((row) => row.staff.id === id);
        return <span id="giver">{one ? t("handovers.leaver", { name: one.staff.name, customers: format.count(one.customers).full }) : t("handovers.noLeavers")}</span>;
      }}
    </Loaded>
  );
}

function Confirm({ wish, back }: { wish: Schema<"HandoverIn">; back: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const go = useGo();
  const queries = useQueryClient();
  const confirm = useConfirmCount();
  const [key] = useState(() => crypto.randomUUID());
  const preview = useQuery({ queryKey: ["handovers", "preview", wish], queryFn: () => body(client.POST("/api/handovers/preview", { body: wish })), gcTime: 0 });
  const plan = useMutation({
    mutationFn: () => body(client.POST("/api/handovers", { body: wish, headers: { "idempotency-key": key } })),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ["handovers"] });
      const [first] = made;
      go(made.length === 1 && first ? `/handovers/${first.id}` : address("/handovers", wish.kind === "resigned" ? { tab: wish.kind } : {}));
    },
  });
  const problem = plan.error instanceof ApiError ? problemText(plan.error, t) : null;
  return (
    <Panel title={t("handovers.steps.confirm")}>
      <Loaded query={preview}>
        {(seen) => {
          const people = format.count(seen.ready).full;
          return (
            <Flex vertical gap={16}>
              <p>{t("handovers.summary", { giver: seen.giver.name, found: format.count(seen.found).full, ready: people })}</p>
              {Object.entries(seen.hindered).map(([code, count]) => (
                <Alert key={code} type="warning" showIcon title={t("handovers.hindered", { people: format.count(count).full, reason: word("handovers.hindrances", code) })} />
              ))}
              {seen.more && <Alert type="warning" showIcon title={t("handovers.more", { most: format.count(seen.found).full })} />}
              <Table<Schema<"PartOut">>
                aria-label={t("handovers.takers")}
                size="middle"
                rowKey={(row) => row.taker.id}
                dataSource={seen.parts}
                pagination={false}
                columns={[
                  { key: "taker", title: t("handovers.taker"), render: (_, row) => row.taker.name },
                  { key: "customers", title: t("handovers.has"), align: "right", render: (_, row) => format.count(row.customers).full },
                  { key: "share", title: t("handovers.gets"), align: "right", render: (_, row) => format.count(row.share).full },
                  { key: "full", title: t("handovers.limit"), render: (_, row) => (row.full_at ? t("handovers.fullAt", { time: format.moment(row.full_at) }) : "–") },
                ]}
              />
              <Alert type="info" showIcon title={t("handovers.rules")} />
              {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} />}
              <Flex gap={8} justify="flex-end">
                <Button onClick={back}>{t("common.back")}</Button>
                <Button
                  type="primary"
                  disabled={seen.ready === 0}
                  loading={plan.isPending}
                  onClick={() =>
                    confirm({
                      title: t("handovers.confirmTitle"),
                      touches: t("common.peopleCount", { count: seen.ready, people }),
                      consequence: t("handovers.consequence"),
                      act: t("handovers.start"),
                      run: () => plan.mutateAsync().catch(() => undefined),
                    })
                  }
                >
                  {t("handovers.start")}
                </Button>
              </Flex>
            </Flex>
          );
        }}
      </Loaded>
    </Panel>
  );
}
