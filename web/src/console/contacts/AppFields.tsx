import { Form, Input, InputNumber } from "antd";
import { useTranslation } from "react-i18next";

import { isWebAddress } from "@/shared/message";

/** What identifies an app of a corp, each with the place in WeCom's admin console where it stands. A corp that is known keeps its id, and its secret unless a new one is typed. */
export function AppFields({ known = false }: { known?: boolean }) {
  const { t } = useTranslation();
  const required = [{ required: true, whitespace: true, message: t("common.missing") }];
  const address = {
    validator: async (_: unknown, value?: string) => {
      if (value?.trim() && !isWebAddress(value.trim())) throw new Error(t("corps.baseUrlWrong"));
    },
  };
  return (
    <>
      <Form.Item name="name" label={t("corps.name")} extra={t("corps.nameNote")} rules={required}>
        <Input autoFocus maxLength={100} />
      </Form.Item>
      {!known && (
        <Form.Item name="corp_id" label={t("corps.corpId")} extra={t("corps.where.corp_id")} rules={required}>
          <Input maxLength={64} />
        </Form.Item>
      )}
      <Form.Item name="agent_id" label={t("corps.agentId")} extra={t("corps.where.agent_id")} rules={[{ required: true, message: t("common.missing") }]}>
        <InputNumber min={0} precision={0} controls={false} style={{ width: "100%" }} />
      </Form.Item>
      <Form.Item name="secret" label={t("corps.secret")} extra={known ? t("corps.secretKeep") : t("corps.where.secret")} rules={known ? [] : required}>
        <Input.Password autoComplete="off" maxLength={200} />
      </Form.Item>
      <Form.Item name="base_url" label={t("corps.baseUrl")} extra={known ? undefined : t("corps.baseUrlNote")} rules={known ? [...required, address] : [address]}>
        <Input inputMode="url" placeholder="https://qyapi.weixin.qq.com" maxLength={500} />
      </Form.Item>
    </>
  );
}
