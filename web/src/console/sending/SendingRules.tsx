import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Flex, Form, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { useMay } from "@/shared/session";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { useAct } from "@/shared/useAct";
import { useSave } from "@/shared/useSave";
import { problemText } from "@/shared/words";

type Rules = Schema<"SendingRules">;

const halfHours = Array.from({ length: 48 }, (_, half) => `${String(Math.floor(half / 2)).padStart(2, "0")}:${half % 2 ? "30" : "00"}`);
const receiverRules = ["month", "week7", "daily", "month4"] as const;

/** The limits that hold for every broadcast: quiet hours, promotions a week, and what WeCom lets a customer receive. */
export default function SendingRules() {
  const { t } = useTranslation();
  const rules = useQuery({ queryKey: ["sending-rules"], queryFn: () => body(client.GET("/api/sending-rules")) });
  return (
    <Page title={t("menu.sendingRules")} note={t("sending.note")}>
      <Panel className="narrow">
        <Loaded query={rules}>{(data) => <Editor key={JSON.stringify(data)} rules={data} />}</Loaded>
      </Panel>
    </Page>
  );
}

function Editor({ rules }: { rules: Rules }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const may = useMay("sending_rules.manage");
  const queries = useQueryClient();
  const [form] = Form.useForm<Rules>();
  const save = useAct({
    mutationFn: (values: Rules) => body(client.PUT("/api/sending-rules", { body: { ...values, seen: rules } })),
    onSuccess: (next) => {
      queries.setQueryData(["sending-rules"], next);
      void message.success(t("common.saved"));
    },
    onError: (error) => {
      // What somebody else has set takes the form's place, told by the notice.
      if (error instanceof ApiError && error.code === "sending_rules.changed") {
        void queries.invalidateQueries({ queryKey: ["sending-rules"] });
        void message.warning(problemText(error, t).title);
      }
    },
  });
  useSave(form.submit);
  const problem = save.error instanceof ApiError ? problemText(save.error, t) : null;
  const required = [{ required: true, message: t("sending.missing") }];
  return (
    <Form<Rules>
      form={form}
      layout="vertical"
      requiredMark={false}
      disabled={!may}
      initialValues={{ ...rules, quiet_start: minutes(rules.quiet_start), quiet_end: minutes(rules.quiet_end) }}
      onFinish={(values) => save.mutate(values)}
    >
      {!may && <Alert type="info" showIcon title={t("sending.readOnly")} className="form-alert" />}
      {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
      <Form.Item label={t("sending.quiet")} extra={t("sending.quietNote")} htmlFor="quiet_start">
        <Flex gap={8} align="center">
          <Form.Item name="quiet_start" noStyle rules={required}>
            <Select showSearch className="clock" options={clocks(rules.quiet_start)} />
          </Form.Item>
          {t("sending.to")}
          <Form.Item name="quiet_end" noStyle rules={required}>
            <Select showSearch className="clock" aria-label={t("sending.until")} options={clocks(rules.quiet_end)} />
          </Form.Item>
        </Flex>
      </Form.Item>
      <Form.Item label={t("sending.cap")} extra={t("sending.capNote")} htmlFor="promotions_a_week">
        <Flex gap={8} align="center">
          <Form.Item name="promotions_a_week" noStyle rules={required}>
            <InputNumber min={0} max={7} precision={0} />
          </Form.Item>
          {t("sending.capUnit")}
        </Flex>
      </Form.Item>
      <Form.Item name="receiver_rule" label={t("sending.rule")} extra={t("sending.ruleNote")}>
        <Select options={receiverRules.map((value) => ({ value, label: t(`sending.rules.${value}`) }))} />
      </Form.Item>
      {may && (
        <Button type="primary" htmlType="submit" loading={save.isPending}>
          {t("common.save")}
        </Button>
      )}
    </Form>
  );
}

/** `21:00:00` as a clock shows it. */
function minutes(time: string): string {
  return time.slice(0, 5);
}

/** Half hours, and whatever a program has set. */
function clocks(set: string) {
  return [...new Set([...halfHours, minutes(set)])].sort().map((value) => ({ value, label: value }));
}
