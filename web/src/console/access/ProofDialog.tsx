import { Alert, Form, Input, Modal } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, client } from "@/shared/api";
import { useSession } from "@/shared/session";
import { useAct } from "@/shared/useAct";
import { problemText } from "@/shared/words";

interface Values {
  password: string;
  code?: string;
}

/** The password once more, with the one-time code where the account has one. */
export default function ProofDialog({ done }: { done: (given: boolean) => void }) {
  const { t } = useTranslation();
  const { account } = useSession();
  const [form] = Form.useForm<Values>();
  const prove = useAct({
    mutationFn: ({ password, code }: Values) => client.POST("/api/session/fresh", { body: { password, code: code?.trim() || null } }),
    onSuccess: () => done(true),
  });
  const problem = prove.error instanceof ApiError ? problemText(prove.error, t) : null;
  return (
    <Modal open zIndex={1200} title={t("access.again")} okText={t("access.againAct")} cancelText={t("common.cancel")} confirmLoading={prove.isPending} onOk={() => form.submit()} onCancel={() => done(false)}>
      <p>{t("access.againNote")}</p>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => prove.mutate(values)}>
        {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
        {/* Password managers want to know whose password it is. */}
        <input type="text" autoComplete="username" value={account.login} readOnly hidden />
        <Form.Item name="password" label={t("access.password")} rules={[{ required: true, message: t("access.passwordMissing") }]}>
          <Input.Password autoFocus autoComplete="current-password" />
        </Form.Item>
        {account.totp && (
          <Form.Item name="code" label={t("access.code")} rules={[{ required: true, message: t("access.codeMissing") }]}>
            <Input autoComplete="one-time-code" maxLength={24} />
          </Form.Item>
        )}
      </Form>
    </Modal>
  );
}
