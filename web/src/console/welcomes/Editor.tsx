import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Col, Drawer, Flex, Form, Input, Row, Select } from "antd";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { byteLength, cardTitleLimit, placeholders, textLimit } from "@/shared/message";
import { PhonePreview } from "@/shared/ui/PhonePreview";
import { WordAlerts } from "@/shared/ui/WordAlerts";
import { useAct, useKeys } from "@/shared/useAct";
import { useSave } from "@/shared/useSave";
import { useWordCheck } from "@/shared/useWordCheck";
import { problemText, useFormat } from "@/shared/words";
import { type Draft, type DraftProblem, draftOf, emptyDraft, problemsOf, stateLimit, statesLimit, wordsOf } from "./draft";

/** What is only missing as yet, and no mistake before somebody wants to save. */
const unfinished = new Set<DraftProblem>(["text", "url", "cardLink", "cardTitle"]);

interface EditorProps {
  corpId: string;
  /** The one to change; null writes a new one. */
  welcome: Schema<"WelcomeOut"> | null;
  close: () => void;
}

/** The words of a welcome message with the phone beside them, its card, and the sources it is for. */
export default function Editor({ corpId, welcome, close }: EditorProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>(() => (welcome ? draftOf(welcome) : emptyDraft));
  const [tried, setTried] = useState(false);
  const change = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }));
  const words = useWordCheck([draft.text, draft.linkTitle].join("\n"));
  const problems = problemsOf(draft);
  const keys = useKeys();
  const save = useAct({
    mutationFn: () => {
      if (welcome) return body(client.PUT("/api/welcomes/{id}", { params: { path: { id: welcome.id } }, body: wordsOf(draft) }));
      const made = { corp_id: corpId, ...wordsOf(draft) };
      return body(client.POST("/api/welcomes", { body: made, headers: keys(made) }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["welcomes"] });
      void message.success(t("common.saved"));
      close();
    },
  });
  const isReady = problems.length === 0 && words.blocked.length === 0 && !save.isPending;
  const { mutate } = save;
  const go = useCallback(() => {
    setTried(true);
    if (isReady) mutate();
  }, [isReady, mutate]);
  useSave(go);
  const bad = (name: (typeof problems)[number]) => problems.includes(name) && (tried || !unfinished.has(name));
  const badText = (["text", "long", "placeholder"] as const).find(bad);
  const badUrl = (["url", "cardLink"] as const).find(bad);
  const badTitle = (["cardTitle", "titleLong", "titlePlaceholder"] as const).find(bad);
  const problem = save.error instanceof ApiError ? problemText(save.error, t) : null;
  return (
    <Drawer
      open
      onClose={close}
      title={t(welcome ? "welcomes.edit" : "welcomes.new")}
      size={920}
      footer={
        <Flex justify="flex-end" gap={8}>
          <Button onClick={close}>{t("common.cancel")}</Button>
          <Button type="primary" loading={save.isPending} onClick={go}>
            {t("common.save")}
          </Button>
        </Flex>
      }
    >
      <Row gutter={[24, 16]}>
        <Col xs={24} lg={14}>
          <Form layout="vertical" requiredMark={false}>
            {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
            <Form.Item
              label={t("welcomes.text")}
              htmlFor="welcome-text"
              validateStatus={badText || words.blocked.length > 0 ? "error" : ""}
              help={badText && t(`welcomes.problems.${badText}`, { limit: textLimit, found: placeholders(draft.text).join(" ") })}
              extra={
                <Flex justify="space-between" gap={16}>
                  <span>{t("welcomes.textNote")}</span>
                  <span className="figure">
                    {format.count(byteLength(draft.text)).full} / {format.count(textLimit).full} {t("broadcasts.bytes")}
                  </span>
                </Flex>
              }
            >
              <Input.TextArea id="welcome-text" autoFocus autoSize={{ minRows: 5, maxRows: 14 }} value={draft.text} onChange={(event) => change({ text: event.target.value })} />
            </Form.Item>
            <WordAlerts {...words} />
            <Form.Item label={t("welcomes.linkTitle")} htmlFor="welcome-link-title" validateStatus={badTitle ? "error" : ""} help={badTitle && t(`welcomes.problems.${badTitle}`, { limit: cardTitleLimit, found: placeholders(draft.linkTitle).join(" ") })}>
              <Input id="welcome-link-title" value={draft.linkTitle} onChange={(event) => change({ linkTitle: event.target.value })} />
            </Form.Item>
            <Form.Item label={t("welcomes.linkUrl")} htmlFor="welcome-link" extra={t("welcomes.linkNote")} validateStatus={badUrl ? "error" : ""} help={badUrl && t(`welcomes.problems.${badUrl}`)}>
              <Input id="welcome-link" inputMode="url" placeholder="https://" value={draft.linkUrl} onChange={(event) => change({ linkUrl: event.target.value })} />
            </Form.Item>
            <Form.Item
              label={t("welcomes.states")}
              htmlFor="welcome-states"
              extra={t("welcomes.statesNote")}
              validateStatus={bad("states") ? "error" : ""}
              help={bad("states") && t("welcomes.problems.states", { most: statesLimit, limit: stateLimit })}
            >
              <Select id="welcome-states" mode="tags" open={false} suffixIcon={null} placeholder={t("welcomes.everybody")} value={draft.states} onChange={(states: string[]) => change({ states })} />
            </Form.Item>
          </Form>
        </Col>
        <Col xs={24} lg={10}>
          <PhonePreview
            sender={t("broadcasts.senderExample")}
            text={draft.text}
            link={draft.linkUrl && draft.linkTitle ? { title: draft.linkTitle, url: draft.linkUrl } : null}
            note={t("welcomes.previewNote")}
          />
        </Col>
      </Row>
    </Drawer>
  );
}
