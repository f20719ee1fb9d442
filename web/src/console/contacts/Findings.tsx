import { useTranslation } from "react-i18next";

import { StatusTag, type Tone } from "@/shared/ui/StatusTag";
import { useFormat, word } from "@/shared/words";
import { type Finding, findingWords } from "./findings";

const tones: Record<Finding["state"], Tone> = { ok: "success", warning: "warning", error: "error", skipped: "default" };

/** What the doctor found, each with its effect and where to mend it. */
export function Findings({ findings }: { findings: readonly Finding[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <ul className="findings" aria-label={t("doctor.list")}>
      {findings.map((finding) => {
        const { say, means, mend } = findingWords(finding, format.moment);
        return (
          <li key={finding.check}>
            <StatusTag group="doctor.states" code={finding.state} tone={tones[finding.state]} />
            <strong>{word("doctor.checks", finding.check)}</strong>
            <div className="finding-words">
              <div className="break">{say}</div>
              {means && <div className="page-note">{t("doctor.means", { text: means })}</div>}
              {mend && <div className="page-note">{t("doctor.mend", { text: mend })}</div>}
              {means && finding.since && <div className="page-note">{t("doctor.since", { time: format.moment(finding.since) })}</div>}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
