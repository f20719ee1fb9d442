import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Drawer, Flex, Form, InputNumber, Radio } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { useAct } from "@/shared/useAct";
import { problemText } from "@/shared/words";
import { inOrder } from "./order";

interface Values {
  mode: "quintile" | "fixed";
  measure: "gross" | "net";
  r: number[];
  f: number[];
  m: (number | string)[];
}

/** Where the scores 1–5 begin: by fifths of the customers, or by the brand's own limits. */
export default function Cutoffs({ grid, close }: { grid: Schema<"RfmOut">; close: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [form] = Form.useForm<Values>();
  const mode = Form.useWatch("mode", form) ?? grid.cutoffs.mode;
  const save = useAct({
    mutationFn: ({ mode, measure, r, f, m }: Values) => body(client.PUT("/api/rfm/cutoffs", { body: mode === "fixed" ? { mode, measure, r, f, m } : { mode, measure } })),
    onSuccess: async (next) => {
      queries.setQueryData(["rfm"], next);
      await queries.invalidateQueries({ queryKey: ["customers"] });
      void message.success(t("measure.rfm.cutoffsSaved"));
      close();
    },
  });
  const problem = save.error instanceof ApiError ? problemText(save.error, t) : null;
  return (
    <Drawer
      open
      onClose={close}
      title={t("measure.rfm.cutoffs")}
      size={520}
      footer={
        <Flex justify="flex-end" gap={8}>
          <Button onClick={close}>{t("common.cancel")}</Button>
          <Button type="primary" loading={save.isPending} onClick={() => form.submit()}>
            {t("measure.rfm.apply")}
          </Button>
        </Flex>
      }
    >
      <Form form={form} layout="vertical" initialValues={{ ...grid.cutoffs, m: grid.cutoffs.m.map(Number) }} onFinish={() => save.mutate(form.getFieldsValue(true) as Values)} requiredMark={false}>
        {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
        <p className="page-note">{t("measure.rfm.cutoffsNote")}</p>
        <Form.Item name="mode" label={t("measure.rfm.mode")}>
          <Radio.Group
            vertical
            options={[
              { value: "quintile", label: t("measure.rfm.modes.quintile") },
              { value: "fixed", label: t("measure.rfm.modes.fixed") },
            ]}
          />
        </Form.Item>
        <Form.Item name="measure" label={t("measure.rfm.measure")}>
          <Radio.Group
            options={[
              { value: "gross", label: t("measure.rfm.measures.gross") },
              { value: "net", label: t("measure.rfm.measures.net") },
            ]}
          />
        </Form.Item>
        {(["r", "f", "m"] as const).map((letter) => (
          <Limits key={letter} letter={letter} disabled={mode !== "fixed"} />
        ))}
      </Form>
    </Drawer>
  );
}

function Limits({ letter, disabled }: { letter: "r" | "f" | "m"; disabled: boolean }) {
  const { t } = useTranslation();
  const title = t(`measure.rfm.limits.${letter}`);
  return (
    <Form.Item label={title} extra={t(`measure.rfm.limits.${letter}Note`)}>
      <Flex gap={8}>
        {[0, 1, 2, 3].map((index) => (
          <Form.Item
            key={index}
            noStyle
            name={[letter, index]}
            dependencies={index > 0 ? [[letter, index - 1]] : []}
            rules={[
              { required: !disabled, message: t("measure.rfm.limitMissing") },
              ({ getFieldValue }) => ({
                validator: () => (disabled || inOrder(getFieldValue(letter) as (number | null)[], index) ? Promise.resolve() : Promise.reject(new Error(t("measure.rfm.limitOrder")))),
              }),
            ]}
          >
            <InputNumber min={0} precision={letter === "m" ? 2 : 0} disabled={disabled} aria-label={t("measure.rfm.limitNumber", { title, number: index + 1 })} style={{ width: "100%" }} />
          </Form.Item>
        ))}
      </Flex>
    </Form.Item>
  );
}
