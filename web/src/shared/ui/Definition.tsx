import { QuestionCircleOutlined } from "@ant-design/icons";
import { Popover } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

/** The question mark beside a figure: what it counts, what it leaves out. Opens by pointer and by keyboard. */
export function Definition({ name, children }: { name: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Popover trigger={["hover", "focus", "click"]} title={name} content={<div className="definition">{children}</div>}>
      <button type="button" className="plain-button definition-mark" aria-label={t("common.definitionOf", { name })}>
        <QuestionCircleOutlined aria-hidden />
      </button>
    </Popover>
  );
}
