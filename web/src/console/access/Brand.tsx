import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Flex, Form, Input, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { useAct } from "@/shared/useAct";
import { useSave } from "@/shared/useSave";
import { problemText } from "@/shared/words";

interface Values {
  name: string;
  timezone: string;
  marginPercent: number | null;
  approvalAbove: number | null;
}

const zones = ["Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "UTC"];

/** The brand itself: name, time zone, the margin that is assumed where an order tells no cost, and which broadcasts are approved. */
export default function Brand() {
  const { t } = useTranslation();
  const tenant = useQuery({ queryKey: ["tenant"], queryFn: () => body(client.GET("/api/tenant")) });
  return (
    <Page title={t("menu.brand")}>
      <Panel className="narrow">
        <Loaded query={tenant}>{(data) => <Editor key={data.id} tenant={data} />}</Loaded>
      </Panel>
    </Page>
  );
}

function Editor({ tenant }: { tenant: Schema<"TenantOut"> }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [form] = Form.useForm<Values>();
  const save = useAct({
    mutationFn: ({ name, timezone, marginPercent, approvalAbove }: Values) =>
      body(
        client.PATCH("/api/tenant", {
          body: { name: name.trim(), timezone, margin_rate_bp: marginPercent === null ? null : Math.round(marginPercent * 100), approval_above: approvalAbove },
        }),
      ),
    onSuccess: async (next) => {
      queries.setQueryData(["tenant"], next);
      await queries.invalidateQueries({ queryKey: ["me"] });
      void message.success(t("common.saved"));
    },
  });
  useSave(form.submit);
  const problem = save.error instanceof ApiError ? problemText(save.error, t) : null;
  return (
    <Form<Values>
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={{ name: tenant.name, timezone: tenant.timezone, marginPercent: tenant.margin_rate_bp === null ? null : tenant.margin_rate_bp / 100, approvalAbove: tenant.approval_above }}
      onFinish={(values) => save.mutate(values)}
    >
      {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
      <Form.Item name="name" label={t("access.brandName")} rules={[{ required: true, whitespace: true, message: t("access.brandMissing") }]}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="timezone" label={t("access.timezone")} extra={t("access.timezoneNote")}>
        <Select showSearch options={[...new Set([tenant.timezone, ...zones])].map((value) => ({ value, label: value }))} />
      </Form.Item>
      <Form.Item label={t("brand.margin")} extra={t("brand.marginNote")} htmlFor="marginPercent">
        <Flex gap={8} align="center">
          <Form.Item name="marginPercent" noStyle>
            <InputNumber min={0} max={100} precision={2} />
          </Form.Item>
          %
        </Flex>
      </Form.Item>
      <Form.Item name="approvalAbove" label={t("brand.approval")} extra={t("brand.approvalNote")} rules={[{ required: true, message: t("brand.approvalMissing") }]}>
        <InputNumber min={0} max={10_000_000} precision={0} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("common.save")}
      </Button>
    </Form>
  );
}
