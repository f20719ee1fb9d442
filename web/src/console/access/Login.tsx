import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client } from "@/shared/api";
import { useAct } from "@/shared/useAct";
import { problemText } from "@/shared/words";
import { enter } from "./enter";
import { Frame } from "./Frame";
import { WeComLogIn, useComeBackProblem } from "./WeComLogIn";

interface Credentials {
  login: string;
  password: string;
  code?: string;
}

/** Log-in with a second step when the account has a one-time code; what was typed stays when it is refused. */
export default function Login() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [form] = Form.useForm<Credentials>();
  const [needsCode, setNeedsCode] = useState(false);
  useEffect(() => {
    document.title = `${t("access.logIn")} · siyu`;
  }, [t]);

  const logIn = useAct({
    mutationFn: (credentials: Credentials) => body(client.POST("/api/session", { body: credentials })),
    onSuccess: (me) => enter(queries, me),
    onError: (error) => {
      if (error instanceof ApiError && error.code === "session.code_needed") setNeedsCode(true);
    },
  });
  const comeBack = useComeBackProblem();
  const shown = logIn.isIdle ? comeBack : logIn.error;
  const problem = shown instanceof ApiError && (shown === comeBack || shown.code !== "session.code_needed") ? problemText(shown, t) : null;

  return (
    <Frame title={t("access.logIn")} note={needsCode ? t("access.codeNote") : t("access.logInNote")}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => logIn.mutate(values)}>
        {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
        <div hidden={needsCode}>
          <Form.Item name="login" label={t("access.login")} rules={[{ required: true, message: t("access.loginMissing") }]}>
            <Input autoComplete="username" autoFocus size="large" />
          </Form.Item>
          <Form.Item name="password" label={t("access.password")} rules={[{ required: true, message: t("access.passwordMissing") }]}>
            <Input.Password autoComplete="current-password" size="large" />
          </Form.Item>
        </div>
        {needsCode && (
          <Form.Item name="code" label={t("access.code")} rules={[{ required: true, message: t("access.codeMissing") }]}>
            <Input autoComplete="one-time-code" autoFocus size="large" maxLength={24} />
          </Form.Item>
        )}
        <Button type="primary" htmlType="submit" size="large" block loading={logIn.isPending}>
          {needsCode ? t("access.confirmCode") : t("access.logIn")}
        </Button>
        {needsCode && (
          <Button
            type="link"
            block
            onClick={() => {
              setNeedsCode(false);
              form.setFieldValue("code", undefined);
              logIn.reset();
            }}
          >
            {t("access.otherAccount")}
          </Button>
        )}
      </Form>
      {!needsCode && <WeComLogIn problem={comeBack !== null} />}
    </Frame>
  );
}
