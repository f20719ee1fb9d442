import { Typography } from "antd";
import { useTranslation } from "react-i18next";

/** Something to paste elsewhere, with its name and a button that copies it. */
export function CopyLine({ label, value }: { label: string; value: string }) {
  const { t } = useTranslation();
  return (
    <div className="copy-line">
      <div>{label}</div>
      <Typography.Paragraph code copyable={{ text: value, tooltips: [`${t("common.copy")} ${label}`, t("common.copied")] }} className="break">
        {value}
      </Typography.Paragraph>
    </div>
  );
}
