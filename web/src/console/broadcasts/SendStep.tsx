import { SendOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Col, DatePicker, Descriptions, Flex, Radio, Row } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { useSession } from "@/shared/session";
import { useConfirmCount } from "@/shared/ui/ConfirmCount";
import { Loaded } from "@/shared/ui/Loaded";
import { Panel } from "@/shared/ui/Panel";
import { PhonePreview } from "@/shared/ui/PhonePreview";
import { useAct } from "@/shared/useAct";
import { useWorkspace } from "@/shared/workspace";
import { instantOf } from "@/shared/zone";
import { problemText, useFormat, word } from "@/shared/words";
import { type Draft, sameInstant } from "./draft";
import { elsewhere } from "./elsewhere";
import { useEstimate } from "./useEstimate";

type BroadcastAnswer = Schema<"BroadcastOut">;

interface SendProps {
  broadcast: BroadcastAnswer;
  /** The chosen instant; null: as soon as possible. */
  sendAt: string | null;
  change: (part: Partial<Draft>) => void;
  /** Takes what the server keeps after an own act. */
  follow: (next: BroadcastAnswer) => void;
  /** Hears of a refusal. */
  heed: (error: Error) => void;
  back: () => void;
}

/** The last look: everything on one page, when to send, then approval or sending. */
export default function SendStep(props: SendProps) {
  const estimate = useEstimate(props.broadcast);
  return <Loaded query={estimate}>{(data) => <Summary {...props} estimate={data} isReckoning={estimate.isFetching} />}</Loaded>;
}

function Summary({ broadcast, sendAt, change, follow, heed, estimate, isReckoning, back }: SendProps & { estimate: Schema<"EstimateOut">; isReckoning: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { zone } = useWorkspace();
  const { account } = useSession();
  const queries = useQueryClient();
  const confirm = useConfirmCount();
  const [wantsLater, setWantsLater] = useState(false);
  const isLater = wantsLater || sendAt !== null;
  const path = { id: broadcast.id };
  // Caps and quiet hours depend on the time: it is saved and estimated before anything can be confirmed.
  const time = useAct({
    mutationFn: (at: string | null) => body(client.PATCH("/api/broadcasts/{id}", { params: { path }, body: { send_at: at, version: broadcast.version } })),
    onSuccess: follow,
    onError: heed,
  });
  const isSaved = sameInstant(sendAt, broadcast.send_at);
  const isWaiting = time.isPending || isReckoning;
  // What was confirmed is what is submitted, whatever has been read since.
  const submit = useAct({
    mutationFn: (looked: BroadcastAnswer) => body(client.POST("/api/broadcasts/{id}/submit", { params: { path }, body: { version: looked.version } })),
    // The wizard leaves what is no draft any more.
    onSuccess: async (next) => {
      follow(next);
      await queries.invalidateQueries({ queryKey: ["broadcasts", "list"] });
    },
    onError: heed,
  });
  const choose = (at: string | null) => {
    submit.reset();
    change({ sendAt: at });
    time.mutate(at);
  };
  const error = time.error ?? submit.error;
  const problem = error instanceof ApiError && !elsewhere.has(error.code) ? problemText(error, t) : null;
  const people = format.count(estimate.planned).full;
  const act = t(estimate.needs_approval ? "broadcasts.submitForApproval" : "broadcasts.send");
  const staff = new Set(estimate.per_staff.map((row) => row.staff.id)).size;
  return (
    <Row gutter={[16, 16]}>
      <Col xs={24} xl={15}>
        <Panel title={t("broadcasts.steps.send")}>
          <Descriptions
            column={1}
            size="small"
            bordered
            items={[
              { key: "name", label: t("broadcasts.name"), children: broadcast.name },
              { key: "segment", label: t("broadcasts.segment"), children: broadcast.segment.name },
              { key: "people", label: t("broadcasts.estimate.planned"), children: isWaiting ? t("broadcasts.estimate.reckoning") : t("common.peopleCount", { count: estimate.planned, people }) },
              { key: "staff", label: t("broadcasts.confirmedBy"), children: isWaiting ? "…" : t("broadcasts.staffCount", { count: staff }) },
              { key: "purpose", label: t("broadcasts.purpose"), children: word("broadcasts.purposes", broadcast.purpose) },
              { key: "holdout", label: t("broadcasts.holdout"), children: format.rate(broadcast.holdout_bp / 10_000) },
              { key: "horizon", label: t("broadcasts.horizon"), children: t("common.days", { count: broadcast.horizon_days }) },
            ]}
          />
          <fieldset className="when">
            <legend>{t("broadcasts.sendAt")}</legend>
            <Radio.Group
              vertical
              aria-label={t("broadcasts.sendAt")}
              value={isLater}
              disabled={time.isPending}
              onChange={(event) => {
                const later = event.target.value as boolean;
                setWantsLater(later);
                if (!later && !(sendAt === null && isSaved)) choose(null);
              }}
              options={[
                { value: false, label: t(estimate.needs_approval ? "broadcasts.afterApproval" : "broadcasts.now") },
                { value: true, label: t("broadcasts.later") },
              ]}
            />
            {isLater && (
              <DatePicker
                showTime={{ format: "HH:mm", minuteStep: 5 }}
                format="YYYY-MM-DD HH:mm"
                aria-label={t("broadcasts.sendAt")}
                allowClear={false}
                disabled={time.isPending}
                value={sendAt ? dayjs(format.moment(sendAt)) : null}
                onChange={(value) => value && choose(instantOf(value.format("YYYY-MM-DD HH:mm"), zone))}
              />
            )}
          </fieldset>
          {!isSaved && !time.isPending && (
            <Alert
              type="warning"
              showIcon
              title={t("broadcasts.timeNotSaved")}
              className="form-alert"
              action={
                <Button size="small" onClick={() => time.mutate(sendAt)}>
                  {t("broadcasts.saveTime")}
                </Button>
              }
            />
          )}
          {!isWaiting && estimate.held_until && <Alert type="info" showIcon title={t("broadcasts.estimate.heldUntil", { time: format.moment(estimate.held_until) })} className="form-alert" />}
          <Alert
            type={estimate.needs_approval ? "warning" : "info"}
            showIcon
            title={estimate.needs_approval ? t("broadcasts.estimate.needsApproval", { limit: format.count(estimate.approval_limit).full }) : t("broadcasts.stopWindow")}
            className="form-alert"
          />
          {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
          <Flex gap={8}>
            <Button onClick={back}>{t("common.back")}</Button>
            <Button
              type="primary"
              icon={<SendOutlined aria-hidden />}
              loading={submit.isPending}
              disabled={isWaiting || !isSaved || estimate.planned === 0 || (isLater && !sendAt)}
              onClick={() =>
                confirm({
                  title: act,
                  touches: t("broadcasts.touches", { count: estimate.planned, people }),
                  consequence: t(estimate.needs_approval ? "broadcasts.approvalNote" : "broadcasts.sendNote", { count: staff }),
                  act,
                  understood: t("common.peopleChecked"),
                  // What stands in the way is said on the page, so the dialog closes either way.
                  run: () => submit.mutateAsync(broadcast).catch(() => undefined),
                })
              }
            >
              {act}
            </Button>
          </Flex>
        </Panel>
      </Col>
      <Col xs={24} xl={9}>
        <PhonePreview
          sender={account.name}
          text={broadcast.material.text}
          link={broadcast.material.link_url && broadcast.material.link_title ? { title: broadcast.material.link_title, url: broadcast.material.link_url } : null}
        />
      </Col>
    </Row>
  );
}
