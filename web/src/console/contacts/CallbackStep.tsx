import { Alert } from "antd";
import { useTranslation } from "react-i18next";

import type { CallbackKeys } from "./callbackKeys";
import { CopyLine } from "./CopyLine";

/** The three values that WeCom's settings page for callbacks asks for. The keys are shown this once. */
export function CallbackStep({ url, keys }: { url: string; keys: CallbackKeys }) {
  const { t } = useTranslation();
  return (
    <>
      <p>{t("corps.callbackNote")}</p>
      <p className="page-note">{t("corps.where.callback")}</p>
      <CopyLine label={t("corps.callbackUrl")} value={url} />
      <CopyLine label={t("corps.token")} value={keys.callback_token} />
      <CopyLine label={t("corps.aesKey")} value={keys.callback_aes_key} />
      <Alert type="warning" showIcon title={t("corps.callbackOnce")} />
    </>
  );
}
