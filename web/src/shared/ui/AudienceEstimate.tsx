import { Alert, Progress, Table } from "antd";
import { useTranslation } from "react-i18next";

import type { Schema } from "../api";
import { useFormat, word } from "../words";
import { Definition } from "./Definition";

/** Who would get a message, who would not and why, and what it asks of each staff member. */
export function AudienceEstimate({ estimate }: { estimate: Schema<"EstimateOut"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const refused = estimate.refused.reduce((sum, one) => sum + one.count, 0);
  const steps = [
    { key: "audience", value: estimate.audience },
    { key: "holdout", value: estimate.holdout },
    { key: "refused", value: refused },
    { key: "planned", value: estimate.planned },
  ] as const;
  return (
    <div className="estimate">
      <dl className="estimate-steps">
        {steps.map(({ key, value }) => (
          <div key={key} className={key === "planned" ? "estimate-step estimate-result" : "estimate-step"}>
            <dt>
              {t(`broadcasts.estimate.${key}`)} <Definition name={t(`broadcasts.estimate.${key}`)}>{t(`broadcasts.estimate.${key}Definition`)}</Definition>
            </dt>
            <dd className="figure" title={format.count(value).full}>
              {key === "holdout" || key === "refused" ? "− " : ""}
              {format.count(value).short}
            </dd>
            <dd className="estimate-share">{format.portion(value, estimate.audience)}</dd>
          </div>
        ))}
      </dl>

      {estimate.held_until && <Alert type="info" showIcon title={t("broadcasts.estimate.heldUntil", { time: format.moment(estimate.held_until) })} />}
      {estimate.needs_approval && <Alert type="warning" showIcon title={t("broadcasts.estimate.needsApproval", { limit: format.count(estimate.approval_limit).full })} />}
      {estimate.touched_this_month > 0 && (
        <Alert type="info" showIcon title={t("broadcasts.estimate.touched", { people: format.count(estimate.touched_this_month).full, share: format.portion(estimate.touched_this_month, estimate.audience) })} />
      )}

      <section>
        <h3>{t("broadcasts.estimate.whyNot")}</h3>
        {refused === 0 ? (
          <p className="page-note">{t("broadcasts.estimate.nobodyRefused")}</p>
        ) : (
          <ul className="reasons">
            {estimate.refused.map(({ reason, count }) => (
              <li key={reason}>
                <span className="reason-name">{word("refusals", reason)}</span>
                <Progress status="normal" percent={(count / refused) * 100} showInfo={false} size="small" aria-label={word("refusals", reason)} />
                <span className="figure reason-count">
                  {format.count(count).full} · {format.portion(count, estimate.audience)}
                </span>
                <span className="reason-note">{word("refusalNotes", reason)}</span>
              </li>
            ))}
          </ul>
        )}
      </section>

      <section>
        <h3>
          {t("broadcasts.estimate.perStaff")} <Definition name={t("broadcasts.estimate.perStaff")}>{t("broadcasts.estimate.perStaffDefinition")}</Definition>
        </h3>
        <Table
          size="small"
          rowKey={(row) => `${row.staff.id}-${row.day}`}
          dataSource={estimate.per_staff}
          pagination={estimate.per_staff.length > 10 ? { pageSize: 10, showSizeChanger: false } : false}
          columns={[
            { title: t("common.staff"), key: "staff", render: (_, row) => row.staff.name },
            { title: t("common.day"), dataIndex: "day", key: "day" },
            { title: t("broadcasts.estimate.recipients"), dataIndex: "recipients", key: "recipients", align: "right", render: (value: number) => format.count(value).full },
            { title: t("broadcasts.estimate.confirmations"), dataIndex: "confirmations", key: "confirmations", align: "right" },
          ]}
        />
      </section>
    </div>
  );
}
