import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Modal, Radio, Typography } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, body, client } from "@/shared/api";
import { useAct } from "@/shared/useAct";
import { problemText } from "@/shared/words";

interface Values {
  name: string;
  kind: "secret" | "public";
}

/** Names a source and shows its key, which nobody can see again. */
export default function NewSource({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [form] = Form.useForm<Values>();
  const make = useAct({
    mutationFn: ({ name, kind }: Values) => body(client.POST("/api/sources", { body: { name: name.trim(), kind } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["sources"] }),
  });
  const problem = make.error instanceof ApiError ? problemText(make.error, t) : null;
  if (make.data)
    return (
      <Modal
        open
        closable={false}
        title={t("sources.made", { name: make.data.name })}
        footer={
          <Button type="primary" onClick={close}>
            {t("sources.kept")}
          </Button>
        }
      >
        <p>{t("sources.keyOnce")}</p>
        <Typography.Paragraph code copyable={{ tooltips: [t("common.copy"), t("common.copied")] }} className="break">
          {make.data.key}
        </Typography.Paragraph>
      </Modal>
    );
  return (
    <Modal open title={t("sources.new")} okText={t("sources.new")} cancelText={t("common.cancel")} confirmLoading={make.isPending} onCancel={close} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ kind: "secret" }} onFinish={(values) => make.mutate(values)}>
        {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
        <Form.Item name="name" label={t("sources.name")} extra={t("sources.nameNote")} rules={[{ required: true, whitespace: true, message: t("common.missing") }]}>
          <Input autoFocus maxLength={60} />
        </Form.Item>
        <Form.Item name="kind" label={t("sources.kind")}>
          <Radio.Group vertical options={(["secret", "public"] as const).map((value) => ({ value, label: t(`sources.kindNotes.${value}`) }))} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
