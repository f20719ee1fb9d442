import { Button, Flex } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import logo from "@/shared/logo.svg";
import { usePreferences } from "@/shared/preferences";

/** What stands around set-up and log-in: the name of the product and the choice of language. */
export function Frame({ title, note, width = 400, children }: { title: string; note?: ReactNode; width?: number; children: ReactNode }) {
  const { t } = useTranslation();
  const { language, setLanguage } = usePreferences();
  return (
    <div className="frame">
      <header className="frame-top">
        <Flex align="center" gap={10}>
          <img src={logo} alt="" width={28} height={28} />
          <strong>siyu</strong>
          <span className="frame-motto">{t("access.motto")}</span>
        </Flex>
        <Button type="text" lang={language === "zh-CN" ? "en" : "zh-CN"} onClick={() => void setLanguage(language === "zh-CN" ? "en-US" : "zh-CN")}>
          {language === "zh-CN" ? "English" : "中文"}
        </Button>
      </header>
      <main className="frame-card" style={{ maxWidth: width }}>
        <h1 className="page-title">{title}</h1>
        {note && <p className="frame-note">{note}</p>}
        {children}
      </main>
    </div>
  );
}
