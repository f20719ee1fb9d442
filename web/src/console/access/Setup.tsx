import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Flex, Form, Input, Select, Steps } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client } from "@/shared/api";
import { useAct } from "@/shared/useAct";
import { problemText } from "@/shared/words";
import { enter } from "./enter";
import { Frame } from "./Frame";
import { passwordRules } from "./passwordRules";

interface Answers {
  brand: string;
  timezone: string;
  login: string;
  name: string;
  password: string;
  again: string;
}

const zones = ["Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "UTC"];

/** First run: the brand, then its owner's account. Ends logged in. */
export default function Setup() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [form] = Form.useForm<Answers>();
  const [step, setStep] = useState(0);
  useEffect(() => {
    document.title = `${t("access.setup")} · siyu`;
  }, [t]);

  const create = useAct({
    mutationFn: ({ brand, timezone, login, name, password }: Answers) => body(client.POST("/api/setup", { body: { brand, timezone, login, name, password } })),
    onSuccess: (me) => enter(queries, me),
  });
  const problem = create.error instanceof ApiError ? problemText(create.error, t) : null;
  const finish = async () => {
    if (step === 0) {
      await form.validateFields(["brand", "timezone"]);
      setStep(1);
    } else {
      create.mutate(form.getFieldsValue(true) as Answers);
    }
  };

  return (
    <Frame title={t("access.setup")} note={t("access.setupNote")} width={480}>
      <Steps size="small" current={step} items={[{ title: t("access.brandStep") }, { title: t("access.accountStep") }]} className="frame-steps" />
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ timezone: "Asia/Shanghai" }} onFinish={() => void finish()}>
        {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
        {step === 0 ? (
          <>
            <Form.Item name="brand" label={t("access.brandName")} extra={t("access.brandNameNote")} rules={[{ required: true, message: t("access.brandMissing") }]}>
              <Input autoFocus size="large" maxLength={60} />
            </Form.Item>
            <Form.Item name="timezone" label={t("access.timezone")} extra={t("access.timezoneNote")}>
              <Select size="large" showSearch options={zones.map((value) => ({ value, label: value }))} />
            </Form.Item>
          </>
        ) : (
          <>
            <Form.Item name="name" label={t("access.yourName")} rules={[{ required: true, message: t("access.nameMissing") }]}>
              <Input autoFocus autoComplete="name" size="large" maxLength={60} />
            </Form.Item>
            <Form.Item name="login" label={t("access.login")} extra={t("access.loginNote")} rules={[{ required: true, message: t("access.loginMissing") }]}>
              <Input autoComplete="username" size="large" maxLength={64} />
            </Form.Item>
            <Form.Item name="password" label={t("access.password")} extra={t("access.passwordNote")} rules={passwordRules(t)}>
              <Input.Password autoComplete="new-password" size="large" />
            </Form.Item>
            <Form.Item
              name="again"
              label={t("access.passwordAgain")}
              dependencies={["password"]}
              rules={[
                ({ getFieldValue }) => ({
                  validator: (_, value) => (value === getFieldValue("password") ? Promise.resolve() : Promise.reject(new Error(t("access.passwordDiffers")))),
                }),
              ]}
            >
              <Input.Password autoComplete="new-password" size="large" />
            </Form.Item>
          </>
        )}
        <Flex gap={8}>
          {step === 1 && (
            <Button size="large" onClick={() => setStep(0)}>
              {t("common.back")}
            </Button>
          )}
          <Button type="primary" htmlType="submit" size="large" className="grow" loading={create.isPending}>
            {step === 0 ? t("common.next") : t("access.createBrand")}
          </Button>
        </Flex>
      </Form>
    </Frame>
  );
}
