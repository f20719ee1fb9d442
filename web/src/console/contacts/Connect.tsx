import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Modal, Steps } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client } from "@/shared/api";
import { useAct } from "@/shared/useAct";
import { problemText } from "@/shared/words";
import { AppFields } from "./AppFields";
import { newCallbackKeys } from "./callbackKeys";
import { CallbackStep } from "./CallbackStep";
import { TrustStep } from "./TrustStep";

interface Values {
  name: string;
  corp_id: string;
  agent_id: number;
  secret: string;
  base_url?: string;
}

const steps = ["app", "trust", "callback"] as const;

/** Connects an app of a corp: what to copy from where, a trial before anything is saved, and what to paste at WeCom. */
export default function Connect({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [form] = Form.useForm<Values>();
  const [step, setStep] = useState<(typeof steps)[number]>("app");
  const [values, setValues] = useState<Values | null>(null);
  const [keys] = useState(newCallbackKeys);
  const given = (from: Values) => ({ corp_id: from.corp_id.trim(), agent_id: from.agent_id, secret: from.secret.trim(), base_url: from.base_url?.trim() || null });
  const trial = useAct({
    mutationFn: (from: Values) => body(client.POST("/api/corps/test", { body: given(from) })),
    onError: (error) => {
      if (!(error instanceof ApiError) || error.code !== "corp.bad_address") return;
      setStep("app");
      form.setFields([{ name: "base_url", errors: [problemText(error, t).title] }]);
    },
  });
  const connect = useAct({
    mutationFn: (from: Values) => body(client.POST("/api/corps", { body: { ...given(from), ...keys, name: from.name.trim() } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["corps"] });
      await queries.invalidateQueries({ queryKey: ["jobs"] });
      setStep("callback");
    },
  });
  const error = step === "trust" ? (connect.error ?? trial.error) : null;
  const problem = error instanceof ApiError ? problemText(error, t) : null;
  const isWell = trial.data !== undefined && trial.data.state !== "error";
  const tryOut = (from: Values) => {
    setValues(from);
    setStep("trust");
    connect.reset();
    trial.mutate(from);
  };
  const footers = {
    app: [
      <Button key="cancel" onClick={close}>
        {t("common.cancel")}
      </Button>,
      <Button key="next" type="primary" onClick={() => form.submit()}>
        {t("corps.next")}
      </Button>,
    ],
    trust: [
      <Button key="back" onClick={() => setStep("app")}>
        {t("corps.previous")}
      </Button>,
      <Button key="again" type={isWell ? "default" : "primary"} loading={trial.isPending} onClick={() => values && trial.mutate(values)}>
        {t("corps.testAgain")}
      </Button>,
      <Button key="save" type={isWell ? "primary" : "default"} disabled={trial.isPending} loading={connect.isPending} onClick={() => values && connect.mutate(values)}>
        {isWell ? t("corps.saveConnect") : t("corps.saveAnyway")}
      </Button>,
    ],
    callback: [
      <Button key="finish" type="primary" onClick={close}>
        {t("corps.finish")}
      </Button>,
    ],
  };
  return (
    <Modal open width={760} mask={{ closable: false }} title={t("corps.connect")} onCancel={close} footer={footers[step]}>
      <Steps size="small" current={steps.indexOf(step)} items={steps.map((name) => ({ title: t(`corps.steps.${name}`) }))} className="frame-steps" />
      {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
      <div hidden={step !== "app"}>
        <Form form={form} layout="vertical" requiredMark={false} autoComplete="off" onFinish={tryOut}>
          <AppFields />
        </Form>
      </div>
      {step === "trust" && <TrustStep trial={trial.data} testing={trial.isPending} />}
      {step === "callback" && connect.data && <CallbackStep url={connect.data.callback_url} keys={keys} />}
    </Modal>
  );
}
