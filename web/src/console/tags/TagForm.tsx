import { Alert, Form, Input, Modal, Select } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { useAct } from "@/shared/useAct";
import { problemText } from "@/shared/words";

/** What is to be changed: tags added to a group (none: a new one), or a tag or group renamed. */
export type Wish = { act: "add"; group: Schema<"TagGroupOut"> | null } | { act: "rename"; id: string; name: string };

interface Values {
  name?: string;
  names?: string[];
}

/** Asks for the names and has WeCom asked. */
export default function TagForm({ corp, wish, close, asked }: { corp: string; wish: Wish; close: () => void; asked: (job: string) => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Values>();
  const ask = useAct({
    mutationFn: ({ name = "", names = [] }: Values) =>
      wish.act === "rename"
        ? body(client.PATCH("/api/tags/{corp}/{id}", { params: { path: { corp, id: wish.id } }, body: { name } }))
        : body(client.POST("/api/tags/{corp}", { params: { path: { corp } }, body: wish.group ? { names, group_id: wish.group.id } : { names, group_name: name } })),
    onSuccess: ({ job_id }) => {
      asked(job_id);
      close();
    },
  });
  const problem = ask.error instanceof ApiError ? problemText(ask.error, t) : null;
  const title = wish.act === "rename" ? t("tags.renameTitle", { name: wish.name }) : wish.group ? t("tags.addTo", { name: wish.group.name }) : t("tags.newGroup");
  const named = wish.act === "rename" || !wish.group;
  return (
    <Modal open title={title} okText={t("common.save")} cancelText={t("common.cancel")} confirmLoading={ask.isPending} onCancel={close} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={wish.act === "rename" ? { name: wish.name } : {}} onFinish={(values) => ask.mutate(values)}>
        {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
        {named && (
          <Form.Item name="name" label={wish.act === "rename" ? t("tags.newName") : t("tags.group")} rules={[{ required: true, whitespace: true, message: t("common.missing") }]}>
            <Input autoFocus maxLength={30} showCount />
          </Form.Item>
        )}
        {wish.act === "add" && (
          <Form.Item name="names" label={t("tags.names")} extra={t("tags.namesNote")} rules={[{ required: true, message: t("common.missing") }]}>
            <Select mode="tags" open={false} tokenSeparators={[",", "，", "、", "\n"]} suffixIcon={null} />
          </Form.Item>
        )}
      </Form>
    </Modal>
  );
}
