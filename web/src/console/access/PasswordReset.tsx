import { Alert, App, Form, Input, Modal } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, client, type Schema } from "@/shared/api";
import { useAct } from "@/shared/useAct";
import { problemText } from "@/shared/words";
import { passwordRules } from "./passwordRules";

type Account = Schema<"AccountOut">;

/** Another password for somebody else's account. */
export default function PasswordReset({ account, close }: { account: Account; close: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ password: string }>();
  const reset = useAct({
    mutationFn: ({ password }: { password: string }) => client.POST("/api/accounts/{id}/reset", { params: { path: { id: account.id } }, body: { password } }),
    onSuccess: () => {
      void message.success(t("accounts.resetDone", { name: account.name }));
      close();
    },
  });
  const problem = reset.error instanceof ApiError ? problemText(reset.error, t) : null;
  return (
    <Modal open title={t("accounts.resetTitle", { name: account.name })} okText={t("accounts.reset")} cancelText={t("common.cancel")} confirmLoading={reset.isPending} onCancel={close} onOk={() => form.submit()}>
      <p>{t("accounts.resetNote")}</p>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => reset.mutate(values)}>
        {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
        <Form.Item name="password" label={t("access.newPassword")} extra={t("access.passwordNote")} rules={passwordRules(t)}>
          <Input.Password autoFocus autoComplete="new-password" />
        </Form.Item>
      </Form>
    </Modal>
  );
}
