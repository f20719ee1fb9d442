import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Checkbox, Form, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { useAct } from "@/shared/useAct";
import { problemText } from "@/shared/words";
import { AppFields } from "./AppFields";
import { type CallbackKeys, newCallbackKeys } from "./callbackKeys";
import { CallbackStep } from "./CallbackStep";

interface Values {
  name: string;
  agent_id: number;
  secret?: string;
  base_url: string;
  new_keys?: boolean;
}

/** Changes an app of a corp. New callback keys are shown once, after they have been saved. */
export default function EditCorp({ corp, close }: { corp: Schema<"CorpOut">; close: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [form] = Form.useForm<Values>();
  const [keys, setKeys] = useState<CallbackKeys | null>(null);
  const save = useAct({
    mutationFn: async ({ name, agent_id, secret, base_url, new_keys }: Values) => {
      const made = new_keys ? newCallbackKeys() : null;
      const change = { name: name.trim(), agent_id, base_url: base_url.trim(), ...(secret?.trim() ? { secret: secret.trim() } : {}), ...made };
      await body(client.PATCH("/api/corps/{id}", { params: { path: { id: corp.id } }, body: change }));
      return made;
    },
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ["corps"] });
      void message.success(t("corps.saved"));
      if (made) setKeys(made);
      else close();
    },
  });
  const problem = save.error instanceof ApiError ? problemText(save.error, t) : null;
  if (keys)
    return (
      <Modal
        open
        width={760}
        closable={false}
        title={t("corps.steps.callback")}
        footer={
          <Button type="primary" onClick={close}>
            {t("corps.finish")}
          </Button>
        }
      >
        <CallbackStep url={corp.callback_url} keys={keys} />
      </Modal>
    );
  return (
    <Modal open title={t("corps.editTitle", { name: corp.name })} okText={t("common.save")} cancelText={t("common.cancel")} confirmLoading={save.isPending} onCancel={close} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" requiredMark={false} autoComplete="off" initialValues={{ name: corp.name, agent_id: corp.agent_id, base_url: corp.base_url }} onFinish={(values) => save.mutate(values)}>
        {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
        <AppFields known />
        <Form.Item name="new_keys" valuePropName="checked" extra={t("corps.newKeysNote")}>
          <Checkbox>{t("corps.newKeys")}</Checkbox>
        </Form.Item>
      </Form>
    </Modal>
  );
}
