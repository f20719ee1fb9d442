import { Progress, Skeleton } from "antd";
import { useTranslation } from "react-i18next";

import { usePreferences } from "@/shared/preferences";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Go } from "@/shared/ui/Go";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { StageTag, useLifecycle } from "@/shared/ui/Stage";
import { address } from "@/shared/urlState";
import { useFormat } from "@/shared/words";

/** How many customers stand at each stage, and the rule that puts them there. */
export default function Lifecycle() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const format = useFormat();
  const lifecycle = useLifecycle();
  const total = lifecycle.data?.stages.reduce((sum, stage) => sum + stage.customers, 0) ?? 0;
  return (
    <Page title={t("menu.lifecycle")} asOf={lifecycle.data?.as_of} note={t("measure.lifecycle.note")}>
      <Panel>
        <Loaded query={lifecycle} skeleton={<Skeleton active paragraph={{ rows: 8 }} />}>
          {(data) =>
            total === 0 ? (
              <EmptyState title={t("customers.empty")} purpose={t("customers.emptyPurpose")} action={{ label: t("imports.start"), to: "/imports", permission: "imports.write" }} />
            ) : (
              <ul className="reasons stages">
                {data.stages.map((stage) => (
                  <li key={stage.key}>
                    <span className="reason-name">
                      <StageTag stage={stage.key} />
                    </span>
                    <Progress status="normal" percent={(stage.customers / total) * 100} showInfo={false} aria-label={language === "zh-CN" ? stage.zh : stage.en} />
                    <Go to={address("/customers", { stage: stage.key })} className="figure reason-count">
                      {t("measure.lifecycle.people", { people: format.count(stage.customers).full, share: format.portion(stage.customers, total) })}
                    </Go>
                    <span className="reason-note">{language === "zh-CN" ? stage.rule_zh : stage.rule_en}</span>
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </Panel>
    </Page>
  );
}
