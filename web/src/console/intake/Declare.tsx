import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Flex, Form, Input, Modal } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { useAct } from "@/shared/useAct";
import { problemText } from "@/shared/words";

interface Values {
  meaning: string;
  fields: { name: string; meaning: string; unit: string }[];
}

/** Says what events of one name mean, with the fields that its samples show. */
export default function Declare({ event, close }: { event: Schema<"EventName">; close: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [form] = Form.useForm<Values>();
  const save = useAct({
    mutationFn: ({ meaning, fields }: Values) =>
      body(
        client.POST("/api/event-names", {
          body: { name: event.name, meaning: meaning.trim(), fields: Object.fromEntries(fields.map((one) => [one.name.trim(), { meaning: one.meaning.trim(), unit: one.unit.trim() || null }])) },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["event-names"] });
      close();
    },
  });
  const problem = save.error instanceof ApiError ? problemText(save.error, t) : null;
  return (
    <Modal open width={640} title={t("intake.declareTitle", { name: event.name })} okText={t("common.save")} cancelText={t("common.cancel")} confirmLoading={save.isPending} onCancel={close} onOk={() => form.submit()}>
      <Form<Values> form={form} layout="vertical" requiredMark={false} initialValues={{ meaning: event.meaning ?? "", fields: fieldsOf(event) }} onFinish={(values) => save.mutate({ ...values, fields: values.fields.map((one) => ({ name: one.name, meaning: one.meaning ?? "", unit: one.unit ?? "" })) })}>
        {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
        <Form.Item name="meaning" label={t("intake.meaning")} extra={t("intake.meaningNote")} rules={[{ required: true, whitespace: true, message: t("intake.meaningMissing") }]}>
          <Input autoFocus maxLength={200} />
        </Form.Item>
        <Form.List name="fields">
          {(rows, { add, remove }) => (
            <Form.Item label={t("intake.fields")}>
              {rows.map(({ key, name }) => (
                <Flex key={key} gap={8} className="declared-field">
                  <Form.Item name={[name, "name"]} noStyle rules={[{ required: true, whitespace: true, message: t("intake.fieldMissing") }]}>
                    <Input aria-label={t("intake.field")} placeholder={t("intake.field")} maxLength={100} />
                  </Form.Item>
                  <Form.Item name={[name, "meaning"]} noStyle rules={[{ required: true, whitespace: true, message: t("intake.meaningMissing") }]}>
                    <Input aria-label={t("intake.fieldMeaning")} placeholder={t("intake.fieldMeaning")} maxLength={200} />
                  </Form.Item>
                  <Form.Item name={[name, "unit"]} noStyle>
                    <Input aria-label={t("intake.unit")} placeholder={t("intake.unit")} maxLength={20} />
                  </Form.Item>
                  <Button onClick={() => remove(name)}>{t("intake.remove")}</Button>
                </Flex>
              ))}
              <Button type="dashed" block onClick={() => add({ name: "", meaning: "", unit: "" })}>
                {t("intake.addField")}
              </Button>
            </Form.Item>
          )}
        </Form.List>
        {event.samples.length > 0 && (
          <Form.Item label={t("intake.samples")}>
            {event.samples.map((sample) => (
              <pre key={sample} className="event-sample">
                {sample}
              </pre>
            ))}
          </Form.Item>
        )}
      </Form>
    </Modal>
  );
}

/** The fields as declared. Those that samples show besides are left to be added: what is sent is not always meant. */
function fieldsOf(event: Schema<"EventName">): Values["fields"] {
  return Object.entries(event.fields).map(([name, field]) => ({ name, meaning: field.meaning, unit: field.unit ?? "" }));
}
