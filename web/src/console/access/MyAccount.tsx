import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Flex, Form, Input, Modal, QRCode, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client } from "@/shared/api";
import { useSession } from "@/shared/session";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { useAct } from "@/shared/useAct";
import { problemText, word } from "@/shared/words";
import { passwordRules } from "./passwordRules";

/** One's own name, password and second factor. */
export default function MyAccount() {
  const { t } = useTranslation();
  const { account } = useSession();
  return (
    <Page title={t("menu.account")} note={`${account.login} · ${word("roles", account.role)}`}>
      <Flex vertical gap={16} className="narrow">
        <Profile />
        <Password />
        <SecondFactor />
      </Flex>
    </Page>
  );
}

function Problem({ error }: { error: Error | null }) {
  const { t } = useTranslation();
  if (!(error instanceof ApiError)) return null;
  const { title, advice } = problemText(error, t);
  return <Alert type="error" showIcon role="alert" title={title} description={advice} className="form-alert" />;
}

function Profile() {
  const { t } = useTranslation();
  const { account } = useSession();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const save = useAct({
    mutationFn: ({ name }: { name: string }) => body(client.PATCH("/api/me", { body: { name: name.trim() } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["me"] });
      void message.success(t("common.saved"));
    },
  });
  return (
    <Panel title={t("account.profile")}>
      <Form layout="vertical" requiredMark={false} initialValues={{ name: account.name }} onFinish={(values: { name: string }) => save.mutate(values)}>
        <Problem error={save.error} />
        <Form.Item name="name" label={t("accounts.name")} rules={[{ required: true, whitespace: true, message: t("access.nameMissing") }]}>
          <Input maxLength={60} autoComplete="name" />
        </Form.Item>
        <Button htmlType="submit" loading={save.isPending}>
          {t("common.save")}
        </Button>
      </Form>
    </Panel>
  );
}

function Password() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ old: string; new: string }>();
  const change = useAct({
    mutationFn: (values: { old: string; new: string }) => client.POST("/api/me/password", { body: { old: values.old, new: values.new } }),
    onSuccess: () => {
      form.resetFields();
      void message.success(t("account.passwordChanged"));
    },
  });
  return (
    <Panel title={t("access.password")}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => change.mutate(values)}>
        <Problem error={change.error} />
        <Form.Item name="old" label={t("account.oldPassword")} rules={[{ required: true, message: t("access.passwordMissing") }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item name="new" label={t("access.newPassword")} extra={t("access.passwordNote")} rules={passwordRules(t)}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Button htmlType="submit" loading={change.isPending}>
          {t("account.changePassword")}
        </Button>
      </Form>
    </Panel>
  );
}

/** Turning the one-time code on in two steps, and off with the password. Recovery codes are shown once. */
function SecondFactor() {
  const { t } = useTranslation();
  const { account } = useSession();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [recovery, setRecovery] = useState<string[] | null>(null);
  const [removing, setRemoving] = useState(false);
  const refresh = () => queries.invalidateQueries({ queryKey: ["me"] });
  const begin = useAct({ mutationFn: () => body(client.POST("/api/me/totp")) });
  const confirm = useAct({
    mutationFn: ({ code }: { code: string }) => body(client.POST("/api/me/totp/confirm", { body: { code: code.replace(/\s/g, "") } })),
    onSuccess: async ({ recovery_codes }) => {
      begin.reset();
      setRecovery(recovery_codes);
      await refresh();
    },
  });
  const remove = useAct({
    mutationFn: ({ password }: { password: string }) => client.DELETE("/api/me/totp", { body: { password } }),
    onSuccess: async () => {
      setRemoving(false);
      await refresh();
      void message.success(t("account.totpRemoved"));
    },
  });
  return (
    <Panel title={t("account.totp")}>
      <p className="page-note">{t("account.totpNote")}</p>
      <Problem error={begin.error} />
      {account.totp && <Button onClick={() => setRemoving(true)}>{t("account.totpRemove")}</Button>}
      {!account.totp && !begin.data && (
        <Button type="primary" loading={begin.isPending} onClick={() => begin.mutate()}>
          {t("account.totpBegin")}
        </Button>
      )}
      {begin.data && (
        <Flex gap={24} wrap>
          <div>
            {/* A code reader needs dark on light, whatever the theme. */}
            <QRCode value={begin.data.uri} type="svg" color="#000000" bgColor="#ffffff" aria-label={t("account.totpScan")} />
            <Typography.Paragraph copyable={{ text: begin.data.secret, tooltips: [t("common.copy"), t("common.copied")] }} code className="break">
              {begin.data.secret}
            </Typography.Paragraph>
          </div>
          <Form layout="vertical" requiredMark={false} onFinish={(values: { code: string }) => confirm.mutate(values)} className="grow">
            <p>{t("account.totpScan")}</p>
            <Problem error={confirm.error} />
            <Form.Item name="code" label={t("access.code")} rules={[{ required: true, message: t("access.codeMissing") }]}>
              <Input autoFocus inputMode="numeric" autoComplete="one-time-code" maxLength={8} />
            </Form.Item>
            <Button type="primary" htmlType="submit" loading={confirm.isPending}>
              {t("access.confirmCode")}
            </Button>
          </Form>
        </Flex>
      )}
      <Modal open={recovery !== null} title={t("account.recovery")} footer={<Button type="primary" onClick={() => setRecovery(null)}>{t("account.recoveryKept")}</Button>} closable={false} mask={{ closable: false }}>
        <p>{t("account.recoveryNote")}</p>
        <Typography.Paragraph copyable={{ text: recovery?.join("\n") ?? "", tooltips: [t("common.copy"), t("common.copied")] }}>
          <span className="recovery">{recovery?.join("\n")}</span>
        </Typography.Paragraph>
      </Modal>
      <Modal open={removing} title={t("account.totpRemove")} footer={null} onCancel={() => setRemoving(false)} destroyOnHidden>
        <Form layout="vertical" requiredMark={false} onFinish={(values: { password: string }) => remove.mutate(values)}>
          <Problem error={remove.error} />
          <Form.Item name="password" label={t("access.password")} rules={[{ required: true, message: t("access.passwordMissing") }]}>
            <Input.Password autoComplete="current-password" autoFocus />
          </Form.Item>
          <Button danger htmlType="submit" loading={remove.isPending}>
            {t("account.totpRemove")}
          </Button>
        </Form>
      </Modal>
    </Panel>
  );
}
