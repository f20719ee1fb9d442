import { useQuery } from "@tanstack/react-query";
import { Button, Flex, Form, Input, Radio, Select, Steps } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { body, client } from "@/shared/api";
import { Bones } from "@/shared/ui/Bones";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { address, useUrlState } from "@/shared/urlState";
import { useStaff } from "@/shared/useNames";
import { useFormat } from "@/shared/words";
import { useColleagues } from "./useColleagues";

const Confirm = lazy(() => import("./Confirm"));
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
  const options = (staff.data?.items ?? []).filter((one) => one.active).map((one) => ({ value: one.id, label: one.label }));
  const colleagues = useColleagues(giver);
  const isReady = step === 0 ? isChosen : takers.length > 0;
  const wish = giver && takers.length > 0 ? { kind, giver_id: giver, taker_ids: takers, customer_ids: isSome ? picked : null, reason, message: kind === "resigned" ? "" : message } as const : null;
  return (
    <Page title={t(`handovers.newKinds.${kind}`)} back={{ to: address("/handovers", kind === "resigned" ? { tab: kind } : {}), label: t("menu.handovers") }}>
      <Panel small className="above">
        <Steps size="small" current={step} items={steps.map((name) => ({ title: t(`handovers.steps.${name}`) }))} />
      </Panel>
      {step === 2 && wish ? (
        <Suspense fallback={<Bones />}>
          <Confirm wish={wish} back={() => go(1)} />
        </Suspense>
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
                    options={colleagues}
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
