import { InboxOutlined } from "@ant-design/icons";
import { Alert, Progress, Upload } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, type Schema, upload } from "@/shared/api";
import { useGo } from "@/shared/ui/Go";
import { problemText, useFormat } from "@/shared/words";

type ImportRow = Schema<"Import">;

/** Takes the file and goes on to its columns. */
export default function Send() {
  const { t } = useTranslation();
  const format = useFormat();
  const go = useGo();
  const [progress, setProgress] = useState<{ name: string; share: number } | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const send = async (file: File) => {
    setError(null);
    setProgress({ name: file.name, share: 0 });
    try {
      const created = await upload<ImportRow>("/api/imports", { kind: "orders", file }, (share) => setProgress({ name: file.name, share }));
      go(`/imports/${created.id}`);
    } catch (problem) {
      setError(problem instanceof ApiError ? problem : new ApiError(0, "network"));
      setProgress(null);
    }
  };
  const problem = error && problemText(error, t);
  return (
    <>
      {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
      <Upload.Dragger
        accept=".csv,.txt,.tsv,.xlsx,.parquet"
        multiple={false}
        showUploadList={false}
        disabled={progress !== null}
        beforeUpload={(file) => {
          void send(file);
          return false;
        }}
      >
        <InboxOutlined className="upload-mark" aria-hidden />
        <p>
          <strong>{t("imports.drop")}</strong>
        </p>
        <p className="page-note">{t("imports.dropNote")}</p>
      </Upload.Dragger>
      {progress && (
        <div aria-live="polite" className="upload-progress">
          {progress.share < 1 ? t("imports.uploading", { name: progress.name, share: format.rate(progress.share) }) : t("imports.reading", { name: progress.name })}
          <Progress percent={Math.floor(progress.share * 100)} status="active" showInfo={false} aria-label={progress.name} />
        </div>
      )}
    </>
  );
}
