import { Button, Col, Flex, Form, Input, InputNumber, Radio, Row } from "antd";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";

import { cardTitleLimit, placeholders, textLimit } from "@/shared/message";
import { useSession } from "@/shared/session";
import { Definition } from "@/shared/ui/Definition";
import { Panel } from "@/shared/ui/Panel";
import { PhonePreview } from "@/shared/ui/PhonePreview";
import { WordAlerts } from "@/shared/ui/WordAlerts";
import { useSave } from "@/shared/useSave";
import { useWordCheck } from "@/shared/useWordCheck";
import { useFormat } from "@/shared/words";
import { type Draft, place, problemsOf, sentLength } from "./draft";

interface StepProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  back: () => void;
  next: () => void;
  isSaving: boolean;
}

/** What: text and link with the phone beside them, words checked while typing; purpose, holdout and how long to look. */
export default function ContentStep({ draft, change, back, next, isSaving }: StepProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { account } = useSession();
  const [tried, setTried] = useState(false);
  const words = useWordCheck(draft.text);
  const problems = problemsOf(draft, "content", words.blocked.length);
  const used = sentLength(draft.text);
  const isReady = problems.length === 0 && !isSaving;
  const go = useCallback(() => {
    setTried(true);
    if (isReady) next();
  }, [isReady, next]);
  useSave(go);
  const bad = (name: (typeof problems)[number]) => tried && problems.includes(name);
  const badLink = (["url", "link", "place", "cardLink"] as const).find(bad);
  const strange = placeholders(draft.text, [place]);
  const badText = bad("text") ? "text" : used > textLimit ? "long" : strange.length > 0 ? "placeholder" : null;
  const badTitle = (["cardTitle", "titlePlaceholder"] as const).find((name) => problems.includes(name));
  return (
    <Row gutter={[16, 16]}>
      <Col xs={24} xl={15}>
        <Panel>
          <Form layout="vertical" requiredMark={false} onFinish={go}>
            <Form.Item
              label={t("broadcasts.text")}
              htmlFor="broadcast-text"
              validateStatus={badText || words.blocked.length > 0 ? "error" : ""}
              help={badText && t(`broadcasts.problems.${badText}`, { limit: textLimit, found: strange.join(" ") })}
              extra={
                <Flex justify="space-between" gap={16}>
                  <span>{t("broadcasts.textNote")}</span>
                  <span className="figure">
                    {format.count(used).full} / {format.count(textLimit).full} {t("broadcasts.bytes")}
                  </span>
                </Flex>
              }
            >
              <Input.TextArea id="broadcast-text" autoFocus autoSize={{ minRows: 5, maxRows: 14 }} value={draft.text} onChange={(event) => change({ text: event.target.value })} />
            </Form.Item>
            <WordAlerts {...words} />
            <Row gutter={16}>
              <Col span={14}>
                <Form.Item label={t("broadcasts.linkUrl")} htmlFor="broadcast-link" extra={t("broadcasts.linkNote")} validateStatus={badLink ? "error" : ""} help={badLink && t(`broadcasts.problems.${badLink}`)}>
                  <Input id="broadcast-link" inputMode="url" placeholder="https://" value={draft.linkUrl} onChange={(event) => change({ linkUrl: event.target.value })} />
                </Form.Item>
              </Col>
              <Col span={10}>
                <Form.Item label={t("broadcasts.linkTitle")} htmlFor="broadcast-link-title" validateStatus={badTitle ? "error" : ""} help={badTitle && t(`broadcasts.problems.${badTitle}`, { limit: cardTitleLimit, found: placeholders(draft.linkTitle).join(" ") })}>
                  <Input id="broadcast-link-title" maxLength={60} value={draft.linkTitle} onChange={(event) => change({ linkTitle: event.target.value })} />
                </Form.Item>
              </Col>
            </Row>
            <Form.Item label={t("broadcasts.purpose")}>
              <Radio.Group
                vertical
                aria-label={t("broadcasts.purpose")}
                value={draft.purpose}
                onChange={(event) => change({ purpose: event.target.value as Draft["purpose"] })}
                options={[
                  { value: "promotion", label: t("broadcasts.purposeNotes.promotion") },
                  { value: "service", label: t("broadcasts.purposeNotes.service") },
                ]}
              />
            </Form.Item>
            <Flex gap={32} wrap>
              <Form.Item
                htmlFor="broadcast-holdout"
                label={
                  <>
                    {t("broadcasts.holdout")} <Definition name={t("broadcasts.holdout")}>{t("broadcasts.holdoutDefinition")}</Definition>
                  </>
                }
              >
                <Flex gap={8} align="center">
                  <InputNumber id="broadcast-holdout" min={0} max={50} precision={1} value={draft.holdoutPercent} onChange={(value) => change({ holdoutPercent: value ?? 0 })} />%
                </Flex>
              </Form.Item>
              <Form.Item
                htmlFor="broadcast-horizon"
                label={
                  <>
                    {t("broadcasts.horizon")} <Definition name={t("broadcasts.horizon")}>{t("broadcasts.horizonDefinition")}</Definition>
                  </>
                }
              >
                <Flex gap={8} align="center">
                  <InputNumber id="broadcast-horizon" min={1} max={60} precision={0} value={draft.horizonDays} onChange={(value) => change({ horizonDays: value ?? 7 })} />
                  {t("common.dayUnit")}
                </Flex>
              </Form.Item>
            </Flex>
            <Flex gap={8}>
              <Button onClick={back}>{t("common.back")}</Button>
              <Button type="primary" htmlType="submit" loading={isSaving}>
                {t("broadcasts.toEstimate")}
              </Button>
            </Flex>
          </Form>
        </Panel>
      </Col>
      <Col xs={24} xl={9}>
        <PhonePreview sender={account.name} text={draft.text} link={draft.linkUrl && draft.linkTitle ? { title: draft.linkTitle, url: draft.linkUrl } : null} />
      </Col>
    </Row>
  );
}
