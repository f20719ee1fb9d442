import { Alert } from "antd";
import { useTranslation } from "react-i18next";

import type { FoundWords } from "../useWordCheck";

/** What of a text must change before it can go out, and what might. */
export function WordAlerts({ blocked, warned }: FoundWords) {
  const { t } = useTranslation();
  const list = (words: string[]) => words.join(t("common.listComma"));
  return (
    <>
      {blocked.length > 0 && <Alert type="error" showIcon role="alert" title={t("broadcasts.blockedWords", { words: list(blocked) })} description={t("broadcasts.blockedWordsNote")} className="form-alert" />}
      {warned.length > 0 && <Alert type="warning" showIcon title={t("broadcasts.warnedWords", { words: list(warned) })} className="form-alert" />}
    </>
  );
}
