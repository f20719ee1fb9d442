import { LockOutlined, QuestionCircleOutlined, WarningOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError } from "../api";
import { problemText, word } from "../words";

interface ErrorStateProps {
  error: unknown;
  retry?: (() => void) | undefined;
}

/** What failed, what to do, the request's number, and a retry in place. "No right" and "no such thing" are told apart from a fault. */
export function ErrorState({ error, retry }: ErrorStateProps) {
  const { t } = useTranslation();
  const problem = error instanceof ApiError ? error : new ApiError(500, "console.fault", { detail: error instanceof Error ? error.message : String(error) });
  const { title, advice } = problemText(problem, t);
  const permission = problem.params["permission"];
  const [isDenied, isMissing] = [problem.status === 403, problem.status === 404];
  return (
    <div className="error-state">
      <span className="error-mark" aria-hidden>
        {isDenied ? <LockOutlined aria-hidden /> : isMissing ? <QuestionCircleOutlined aria-hidden /> : <WarningOutlined aria-hidden />}
      </span>
      <h2 role="alert">{title}</h2>
      <p>{advice}</p>
      {isDenied && typeof permission === "string" && <p>{t("errors.missing", { permission: word("permissions", permission) })}</p>}
      {problem.requestId && (
        <p className="page-note">
          {t("errors.requestNumber")} <code>{problem.requestId}</code>
        </p>
      )}
      {retry && !isDenied && !isMissing && <Button onClick={retry}>{t("common.retry")}</Button>}
    </div>
  );
}
