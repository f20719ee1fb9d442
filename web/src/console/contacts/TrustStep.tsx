import { Alert, Skeleton } from "antd";
import { useTranslation } from "react-i18next";

import type { Schema } from "@/shared/api";
import { CopyLine } from "./CopyLine";
import { Findings } from "./Findings";
import { count } from "./findings";

/** What to allow at WeCom before the first call, and what a trial of the connection found. */
export function TrustStep({ trial, testing }: { trial: Schema<"TrialOut"> | undefined; testing: boolean }) {
  const { t } = useTranslation();
  const bad = count(trial?.findings ?? [], "error");
  return (
    <>
      <p>{t("corps.trustNote")}</p>
      <p className="page-note">{t("corps.where.trust")}</p>
      {trial?.ip ? <CopyLine label={t("corps.hostIp")} value={trial.ip} /> : <p>{testing ? t("corps.tryFirst") : t("corps.unknownIp")}</p>}
      <p>{t("corps.rightsNote")}</p>
      <p className="page-note">{t("corps.where.rights")}</p>
      {testing && (
        <div role="status" aria-busy="true">
          <p>{t("corps.testing")}</p>
          <Skeleton active paragraph={{ rows: 5 }} title={false} />
        </div>
      )}
      {trial && !testing && (
        <>
          <Alert
            type={bad ? "error" : "success"}
            showIcon
            role="status"
            className="form-alert"
            title={bad ? t("corps.testedBad", { count: bad }) : t("corps.tested")}
            {...(bad ? { description: t("corps.testedNote") } : {})}
          />
          <Findings findings={trial.findings} />
        </>
      )}
    </>
  );
}
