import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Form, Input, InputNumber, Modal } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, body, client } from "@/shared/api";
import { problemText } from "@/shared/words";

interface Values {
  name: string;
  corp_id: string;
  agent_id: number;
  secret: string;
  callback_token: string;
  callback_aes_key: string;
  base_url?: string;
}

/** Connects an app of a corp with what WeCom's settings pages show, and begins the first reading. */
export default function Connect({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [form] = Form.useForm<Values>();
  const connect = useMutation({
    mutationFn: ({ base_url, ...values }: Values) => body(client.POST("/api/corps", { body: { ...values, base_url: base_url?.trim() || null } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["corps"] });
      await queries.invalidateQueries({ queryKey: ["jobs"] });
      close();
    },
  });
  const problem = connect.error instanceof ApiError ? problemText(connect.error, t) : null;
  const required = [{ required: true, whitespace: true, message: t("corps.missing") }];
  return (
    <Modal open title={t("corps.connect")} okText={t("corps.connect")} cancelText={t("common.cancel")} confirmLoading={connect.isPending} onCancel={close} onOk={() => form.submit()}>
      <p className="page-note">{t("corps.connectNote")}</p>
      <Form form={form} layout="vertical" requiredMark={false} autoComplete="off" onFinish={(values) => connect.mutate(values)}>
        {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
        <Form.Item name="name" label={t("corps.name")} rules={required}>
          <Input autoFocus maxLength={100} />
        </Form.Item>
        <Form.Item name="corp_id" label={t("corps.corpId")} extra={t("corps.corpIdNote")} rules={required}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="agent_id" label={t("corps.agentId")} rules={[{ required: true, message: t("corps.missing") }]}>
          <InputNumber min={0} precision={0} controls={false} style={{ width: "100%" }} />
        </Form.Item>
        <Form.Item name="secret" label={t("corps.secret")} rules={required}>
          <Input.Password autoComplete="off" maxLength={200} />
        </Form.Item>
        <Form.Item name="callback_token" label={t("corps.token")} extra={t("corps.tokenNote")} rules={required}>
          <Input.Password autoComplete="off" />
        </Form.Item>
        <Form.Item name="callback_aes_key" label={t("corps.aesKey")} rules={[...required, { len: 43, message: t("corps.aesKeyLength") }]}>
          <Input.Password autoComplete="off" />
        </Form.Item>
        <Form.Item name="base_url" label={t("corps.baseUrl")} extra={t("corps.baseUrlNote")}>
          <Input inputMode="url" placeholder="https://qyapi.weixin.qq.com" />
        </Form.Item>
      </Form>
    </Modal>
  );
}
