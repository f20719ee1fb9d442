import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { JobProgress } from "@/shared/ui/JobProgress";
import { Loaded } from "@/shared/ui/Loaded";
import { useAct } from "@/shared/useAct";
import { problemText } from "@/shared/words";

/** Enters a join way by its config_id: WeCom lists none, so it has to be told. */
export default function EnterJoinWay({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [form] = Form.useForm<Schema<"JoinWayIn">>();
  const [job, setJob] = useState<string | null>(null);
  const corps = useQuery({ queryKey: ["corps"], queryFn: () => body(client.GET("/api/corps")) });
  const enter = useAct({ mutationFn: (values: Schema<"JoinWayIn">) => body(client.POST("/api/ways/join", { body: values })), onSuccess: (answer) => setJob(answer.job_id) });
  const problem = enter.error instanceof ApiError ? problemText(enter.error, t) : null;
  const required = [{ required: true, whitespace: true, message: t("common.missing") }];
  return (
    <Modal
      open
      title={t("ways.enter")}
      onCancel={close}
      footer={
        job ? (
          <Button type="primary" onClick={close}>
            {t("ways.close")}
          </Button>
        ) : (
          <Button type="primary" disabled={!corps.data} loading={enter.isPending} onClick={() => form.submit()}>
            {t("ways.enterAct")}
          </Button>
        )
      }
    >
      <p className="page-note">{t("ways.enterNote")}</p>
      {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
      {job ? (
        <JobProgress id={job} onOver={() => void queries.invalidateQueries({ queryKey: ["ways"] })} />
      ) : (
        <Loaded query={corps}>
          {(data) => {
            const options = data.filter((corp) => corp.active).map((corp) => ({ value: corp.id, label: corp.name }));
            return (
              <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => enter.mutate(values)} initialValues={options.length === 1 ? { corp: options[0]?.value } : {}}>
                <Form.Item name="corp" label={t("ways.corp")} rules={required}>
                  <Select options={options} />
                </Form.Item>
                <Form.Item name="config_id" label={t("ways.configId")} rules={required}>
                  <Input maxLength={64} autoComplete="off" />
                </Form.Item>
              </Form>
            );
          }}
        </Loaded>
      )}
    </Modal>
  );
}
