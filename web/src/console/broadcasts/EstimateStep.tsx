import { ReloadOutlined } from "@ant-design/icons";
import { Alert, Button, Flex, Skeleton } from "antd";
import { useTranslation } from "react-i18next";

import type { Schema } from "@/shared/api";
import { AudienceEstimate } from "@/shared/ui/AudienceEstimate";
import { Definition } from "@/shared/ui/Definition";
import { Loaded } from "@/shared/ui/Loaded";
import { Panel } from "@/shared/ui/Panel";
import { useFormat } from "@/shared/words";
import { useEstimate } from "./useEstimate";

/** Who would get it now, who not and why, what it asks of the staff, and what it can prove. */
export default function EstimateStep({ broadcast, back, next }: { broadcast: Schema<"BroadcastOut">; back: () => void; next: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const estimate = useEstimate(broadcast);
  return (
    <Panel
      title={t("broadcasts.steps.estimate")}
      extra={
        <Flex gap={12} align="center">
          {estimate.data?.as_of && <span className="page-note">{t("common.asOf", { time: format.moment(estimate.data.as_of) })}</span>}
          <Button size="small" icon={<ReloadOutlined aria-hidden />} loading={estimate.isFetching} onClick={() => void estimate.refetch()}>
            {t("broadcasts.estimate.again")}
          </Button>
        </Flex>
      }
    >
      <Loaded query={estimate} skeleton={<Skeleton active paragraph={{ rows: 10 }} />}>
        {(data) => (
          <Flex vertical gap={16}>
            {data.planned === 0 && <Alert type="error" showIcon title={t("broadcasts.estimate.nobody")} />}
            <AudienceEstimate estimate={data} />
            <Proof estimate={data} broadcast={broadcast} />
            <Flex gap={8}>
              <Button onClick={back}>{t("common.back")}</Button>
              <Button type="primary" disabled={estimate.isPlaceholderData || data.planned === 0} onClick={next}>
                {t("common.next")}
              </Button>
            </Flex>
          </Flex>
        )}
      </Loaded>
    </Panel>
  );
}

function Proof({ estimate, broadcast }: { estimate: Schema<"EstimateOut">; broadcast: Schema<"BroadcastOut"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { smallest_provable: smallest } = estimate;
  return (
    <section>
      <h3>
        {t("broadcasts.estimate.proof")} <Definition name={t("broadcasts.estimate.proof")}>{t("broadcasts.estimate.proofDefinition")}</Definition>
      </h3>
      {broadcast.holdout_bp === 0 ? (
        <Alert type="warning" showIcon title={t("broadcasts.estimate.noHoldout")} />
      ) : (
        <p>
          {smallest.margin_fen === null
            ? t("broadcasts.estimate.proofUnknown")
            : t("broadcasts.estimate.smallest", { days: broadcast.horizon_days, margin: format.money(smallest.margin_fen).full })}{" "}
          {estimate.holdout_cost_fen !== null && t("broadcasts.estimate.holdoutCost", { money: format.money(estimate.holdout_cost_fen).full })}
        </p>
      )}
    </section>
  );
}
