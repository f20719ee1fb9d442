import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Form, Input, InputNumber, Modal, Radio } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, body, client } from "../api";
import { useAct, useKeys } from "../useAct";
import { problemText, useFormat } from "../words";
import { FilterWords } from "./FilterWords";
import { useGo } from "./Go";

interface SaveSegmentProps {
  filter: Record<string, string>;
  /** Name offered at first. */
  suggestion?: string;
  close: () => void;
}

interface Values {
  name: string;
  frozen: boolean;
  everybody?: number | null;
}

/** Names a group of customers that a filter describes; frozen keeps today's people, live follows the filter. Without any condition it is everybody, and their number has to be typed. */
export default function SaveSegment({ filter, suggestion = "", close }: SaveSegmentProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const go = useGo();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [form] = Form.useForm<Values>();
  const isEverybody = Object.keys(filter).length === 0;
  const preview = useQuery({ queryKey: ["segments", "preview", filter], queryFn: () => body(client.POST("/api/segments/preview", { body: { filter } })) });
  const keys = useKeys();
  const save = useAct({
    mutationFn: ({ name, frozen, everybody }: Values) => {
      const segment = { name: name.trim(), filter, frozen, everybody: everybody ?? null };
      return body(client.POST("/api/segments", { body: segment, headers: keys(segment) }));
    },
    onSuccess: async (segment) => {
      await queries.invalidateQueries({ queryKey: ["segments"] });
      void message.success(t("segments.saved", { name: segment.name }));
      close();
      go(`/segments/${segment.id}`);
    },
  });
  const problem = save.error instanceof ApiError ? problemText(save.error, t) : null;
  return (
    <Modal open title={t("segments.save")} okText={t("segments.save")} cancelText={t("common.cancel")} confirmLoading={save.isPending} onCancel={close} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ name: suggestion, frozen: false }} onFinish={(values) => save.mutate(values)}>
        {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
        <p>
          <FilterWords filter={filter} />
        </p>
        <p className="confirm-count">{preview.data ? t("segments.wouldHold", { count: preview.data.count, people: format.count(preview.data.count).full }) : "…"}</p>
        <Form.Item name="name" label={t("segments.name")} rules={[{ required: true, whitespace: true, message: t("segments.nameMissing") }]}>
          <Input maxLength={60} autoFocus />
        </Form.Item>
        <Form.Item name="frozen" label={t("segments.kind")}>
          <Radio.Group
            vertical
            options={[
              { value: false, label: t("segments.live") },
              { value: true, label: t("segments.frozen") },
            ]}
          />
        </Form.Item>
        {isEverybody && (
          <Form.Item name="everybody" label={t("segments.everybody")} extra={t("segments.everybodyNote")} rules={[{ required: true, message: t("segments.everybodyMissing") }]}>
            <InputNumber min={0} precision={0} style={{ width: 160 }} />
          </Form.Item>
        )}
      </Form>
    </Modal>
  );
}
