import { useQuery } from "@tanstack/react-query";
import { Alert, Col, Flex, Row } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { Definition } from "@/shared/ui/Definition";
import { IntervalPlot } from "@/shared/ui/IntervalPlot";
import { Loaded } from "@/shared/ui/Loaded";
import { Panel } from "@/shared/ui/Panel";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useFormat, word } from "@/shared/words";

/** Treated against held out: the difference in margin per customer with its interval, and the verdict. */
export function Lift({ broadcast }: { broadcast: Schema<"BroadcastOut"> }) {
  const { t } = useTranslation();
  const lift = useQuery({
    queryKey: ["broadcasts", broadcast.id, "lift"],
    queryFn: () => body(client.GET("/api/broadcasts/{id}/lift", { params: { path: { id: broadcast.id } } })),
    enabled: broadcast.holdout_bp > 0,
    refetchInterval: 30_000,
  });
  const title = (
    <>
      {t("broadcasts.lift.title")} <Definition name={t("broadcasts.lift.title")}>{t("broadcasts.lift.definition", { days: broadcast.horizon_days })}</Definition>
    </>
  );
  return (
    <Panel title={title} extra={lift.data && <StatusTag group="broadcasts.verdicts" code={lift.data.verdict} />}>
      {broadcast.holdout_bp === 0 ? <Alert type="warning" showIcon title={t("broadcasts.estimate.noHoldout")} /> : <Loaded query={lift}>{(data) => <Comparison lift={data} />}</Loaded>}
    </Panel>
  );
}

function Comparison({ lift }: { lift: Schema<"LiftOut"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const money = (fen: number | null | undefined) => format.money(fen).full || "–";
  const arms = [
    { key: "treated", arm: lift.treated },
    { key: "holdout", arm: lift.holdout },
  ] as const;
  const widest = Math.max(...arms.map(({ arm }) => Math.abs(arm.mean_fen ?? 0)), 1);
  // Before the horizon ends there is nothing to compare, and a failed ratio check hides the rest.
  const isHidden = lift.verdict === "srm_failed" || lift.treated.mean_fen === null || lift.holdout.mean_fen === null;
  return (
    <>
      <p className="verdict">
        {word("broadcasts.lift", lift.verdict, { point: money(lift.point_fen), low: money(lift.low_fen), high: money(lift.high_fen), smallest: money(lift.smallest_provable_fen), time: format.moment(lift.ends_at) })}
      </p>
      {isHidden && (
        <p className="page-note">
          {arms.map(({ key, arm }) => `${t(`broadcasts.lift.${key}Arm`)} ${t("common.peopleCount", { count: arm.n, people: format.count(arm.n).full })}`).join(" · ")}
        </p>
      )}
      {!isHidden && (
        <Row gutter={[32, 16]} align="middle">
          <Col xs={24} lg={11}>
            {arms.map(({ key, arm }) => (
              <div key={key} className="arm">
                <Flex justify="space-between">
                  <span>
                    {t(`broadcasts.lift.${key}Arm`)} <span className="page-note">{t("common.peopleCount", { count: arm.n, people: format.count(arm.n).full })}</span>
                  </span>
                  <strong className="figure">{money(arm.mean_fen)}</strong>
                </Flex>
                <div className="arm-rail" aria-hidden>
                  <div className={key === "treated" ? "arm-fill" : "arm-fill arm-holdout"} style={{ width: `${(Math.abs(arm.mean_fen ?? 0) / widest) * 100}%` }} />
                </div>
              </div>
            ))}
            <p className="page-note">
              {t("broadcasts.lift.primary")}
              {lift.margin_assumed && ` · ${t("customers.marginAssumed")}`}
            </p>
          </Col>
          <Col xs={24} lg={13}>
            {lift.point_fen !== null && lift.low_fen !== null && lift.high_fen !== null && (
              <IntervalPlot
                low={lift.low_fen}
                point={lift.point_fen}
                high={lift.high_fen}
                show={money}
                summary={t("broadcasts.lift.interval", { point: money(lift.point_fen), low: money(lift.low_fen), high: money(lift.high_fen) })}
              />
            )}
          </Col>
        </Row>
      )}
    </>
  );
}
