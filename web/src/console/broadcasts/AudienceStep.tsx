import { Button, Col, Flex, Form, Input, Row, Select, Statistic } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "@/shared/api";
import { FilterWords } from "@/shared/ui/FilterWords";
import { Go, GoButton } from "@/shared/ui/Go";
import { Panel } from "@/shared/ui/Panel";
import { useSegment, useSegments } from "@/shared/useNames";
import { useFormat } from "@/shared/words";
import { type Draft, problemsOf } from "./draft";

interface StepProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  next: () => void;
}

/** To whom: a name for the broadcast and a saved segment. */
export default function AudienceStep({ draft, change, next }: StepProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [tried, setTried] = useState(false);
  const segments = useSegments();
  const found = useSegment(draft.segmentId);
  const isGone = found.data?.archived === true || (found.error instanceof ApiError && found.error.status === 404);
  const chosen = isGone ? undefined : found.data;
  const problems = problemsOf(isGone ? { ...draft, segmentId: null } : draft, "audience", 0);
  const choices = segments.data?.items ?? [];
  const options = chosen && choices.every((one) => one.id !== chosen.id) ? [chosen, ...choices] : choices;
  const go = () => {
    setTried(true);
    if (problems.length === 0) next();
  };
  return (
    <Row gutter={[16, 16]}>
      <Col xs={24} xl={15}>
        <Panel>
          <Form layout="vertical" requiredMark={false} onFinish={go}>
            <Form.Item
              label={t("broadcasts.name")}
              htmlFor="broadcast-name"
              extra={t("broadcasts.nameNote")}
              validateStatus={tried && problems.includes("name") ? "error" : ""}
              help={tried && problems.includes("name") ? t("broadcasts.problems.name") : undefined}
            >
              <Input id="broadcast-name" autoFocus maxLength={60} value={draft.name} onChange={(event) => change({ name: event.target.value })} />
            </Form.Item>
            <Form.Item
              label={t("broadcasts.segment")}
              htmlFor="broadcast-segment"
              validateStatus={isGone || (tried && problems.includes("segment")) ? "error" : ""}
              help={isGone ? t("broadcasts.problems.segmentGone") : tried && problems.includes("segment") ? t("broadcasts.problems.segment") : undefined}
              extra={
                <>
                  {t("broadcasts.segmentNote")} <Go to="/customers">{t("segments.new")}</Go>
                </>
              }
            >
              <Select
                id="broadcast-segment"
                showSearch={{ optionFilterProp: "label" }}
                loading={segments.isPending || found.isLoading}
                placeholder={t("broadcasts.chooseSegment")}
                value={options.some((one) => one.id === draft.segmentId) && !isGone ? draft.segmentId : null}
                options={options.map((one) => ({ value: one.id, label: one.name }))}
                onChange={(segmentId: string) => change({ segmentId })}
              />
            </Form.Item>
            <Button type="primary" htmlType="submit">
              {t("common.next")}
            </Button>
          </Form>
        </Panel>
      </Col>
      <Col xs={24} xl={9}>
        <Panel title={t("broadcasts.audience")} className="full-height">
          {chosen ? (
            <Flex vertical gap={12}>
              <Statistic title={chosen.name} value={format.count(chosen.members).full} suffix={t("common.people")} />
              <FilterWords filter={chosen.filter} />
              <span className="page-note">{t(chosen.frozen ? "segments.frozen" : "segments.live")}</span>
              <span>
                <GoButton size="small" to={`/segments/${chosen.id}`}>
                  {t("broadcasts.lookAtPeople")}
                </GoButton>
              </span>
            </Flex>
          ) : (
            <p className="page-note">{t("broadcasts.audienceNote")}</p>
          )}
        </Panel>
      </Col>
    </Row>
  );
}
