import { useQueryClient } from "@tanstack/react-query";
import { Alert, Checkbox, Form, InputNumber, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, client, type Schema } from "@/shared/api";
import { useAct } from "@/shared/useAct";
import { problemText } from "@/shared/words";

interface ApprovalProps {
  /** As it was shown when this was opened. */
  broadcast: Schema<"BroadcastOut">;
  touches: string;
  /** Whether it was refused because somebody has changed it meanwhile; then it is shown anew. */
  heed: (error: Error) => Promise<boolean>;
  acted: () => void;
  close: () => void;
}

/** The second pair of eyes. Where nobody else can approve, whoever submitted it types the number of people instead. */
export default function Approval({ broadcast, touches, heed, acted, close }: ApprovalProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [checked, setChecked] = useState(false);
  const [count, setCount] = useState<number | null>(null);
  const approve = useAct({
    mutationFn: () => client.POST("/api/broadcasts/{id}/approve", { params: { path: { id: broadcast.id } }, body: { version: broadcast.version, count } }),
    onSuccess: async () => {
      acted();
      await queries.invalidateQueries({ queryKey: ["broadcasts"] });
      close();
    },
    onError: async (error) => {
      if (await heed(error)) close();
    },
  });
  const code = approve.error instanceof ApiError ? approve.error.code : null;
  const wantsCount = code === "broadcast.count_differs";
  const problem = approve.error instanceof ApiError && !(wantsCount && approve.variables === undefined && count === null) ? problemText(approve.error, t) : null;
  return (
    <Modal
      open
      title={t("broadcasts.approve")}
      okText={t("broadcasts.approve")}
      cancelText={t("common.cancel")}
      okButtonProps={{ disabled: !checked || (wantsCount && count === null) }}
      confirmLoading={approve.isPending}
      onOk={() => approve.mutate()}
      onCancel={close}
    >
      <p className="confirm-count">{touches}</p>
      <p>{t("broadcasts.approveNote")}</p>
      {problem && !wantsCount && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
      {wantsCount && (
        <Form layout="vertical">
          <Alert type={count === null || approve.variables === undefined ? "info" : "error"} showIcon role="alert" title={t("broadcasts.typeCount")} className="form-alert" />
          <Form.Item label={t("broadcasts.people")} htmlFor="approval-count" extra={t("broadcasts.typeCountNote")} validateStatus={count === null ? "" : "error"} help={count === null ? undefined : problem?.title}>
            <InputNumber id="approval-count" autoFocus min={0} precision={0} style={{ width: 160 }} value={count} onChange={setCount} />
          </Form.Item>
        </Form>
      )}
      <Checkbox checked={checked} onChange={(event) => setChecked(event.target.checked)}>
        {t("common.peopleChecked")}
      </Checkbox>
    </Modal>
  );
}
