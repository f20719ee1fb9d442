import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Steps } from "antd";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { Bones } from "@/shared/ui/Bones";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { useUrlState } from "@/shared/urlState";
import { useAct, useKeys } from "@/shared/useAct";
import { problemText } from "@/shared/words";
import { type Draft, draftOf, emptyDraft, sameContent, storedDraft, storeDraft } from "./draft";

const AudienceStep = lazy(() => import("./AudienceStep"));
const ContentStep = lazy(() => import("./ContentStep"));
const EstimateStep = lazy(() => import("./EstimateStep"));
const SendStep = lazy(() => import("./SendStep"));

const steps = ["audience", "content", "estimate", "send"] as const;
type Step = (typeof steps)[number];
type BroadcastAnswer = Schema<"BroadcastOut">;

/** A new broadcast in four steps: to whom, what, who really gets it, send. The draft is kept. */
export default function Wizard() {
  const { t } = useTranslation();
  const [state] = useUrlState();
  const id = state["draft"];
  const saved = useQuery({
    queryKey: ["broadcasts", id],
    queryFn: () => body(client.GET("/api/broadcasts/{id}", { params: { path: { id: id ?? "" } } })),
    enabled: Boolean(id),
  });
  const segment = state["segment"];
  return (
    <Page title={t("broadcasts.new")} back={{ to: "/broadcasts", label: t("menu.broadcasts") }}>
      {id ? <Loaded query={saved}>{(data) => <Form key={data.id} saved={data} start={draftOf(data)} />}</Loaded> : <Form saved={null} start={segment ? { ...emptyDraft, segmentId: segment } : storedDraft()} />}
    </Page>
  );
}

function Form({ saved, start }: { saved: BroadcastAnswer | null; start: Draft }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [state, set] = useUrlState();
  const [draft, setDraft] = useState(start);
  const wanted = steps.find((step) => step === state["step"]) ?? "audience";
  // The later steps speak of a draft that the server keeps.
  const step: Step = !saved && (wanted === "estimate" || wanted === "send") ? "content" : wanted;
  useEffect(() => {
    if (!saved) storeDraft(draft);
  }, [draft, saved]);

  const keys = useKeys();
  const save = useAct({
    mutationFn: async () => {
      const keeps = saved && sameContent(draft, saved.material);
      const content = { title: draft.title.trim() || draft.name.trim(), text: draft.text, link_url: draft.linkUrl.trim() || null, link_title: draft.linkTitle.trim() || null };
      const material = keeps ? saved.material : await body(client.POST("/api/materials", { body: content, headers: keys(content) }));
      const broadcast = {
        name: draft.name.trim(),
        segment_id: draft.segmentId ?? "",
        material_id: material.id,
        purpose: draft.purpose,
        holdout_bp: Math.round(draft.holdoutPercent * 100),
        horizon_days: draft.horizonDays,
        send_at: draft.sendAt,
      };
      return saved ? body(client.PATCH("/api/broadcasts/{id}", { params: { path: { id: saved.id } }, body: broadcast })) : body(client.POST("/api/broadcasts", { body: broadcast, headers: keys(broadcast) }));
    },
    onSuccess: async (next) => {
      storeDraft(null);
      queries.setQueryData(["broadcasts", next.id], next);
      queries.removeQueries({ queryKey: ["broadcasts", next.id, "estimate"] });
      await queries.invalidateQueries({ queryKey: ["broadcasts", "list"] });
      set({ draft: next.id, segment: undefined, step: "estimate" }, { push: true });
    },
  });
  const problem = save.error instanceof ApiError ? problemText(save.error, t) : null;
  const go = (next: Step) => set({ step: next }, { push: true });
  const change = (part: Partial<Draft>) => setDraft((current) => ({ ...current, ...part }));

  return (
    <>
      <Panel small className="above">
        <Steps size="small" current={steps.indexOf(step)} items={steps.map((name) => ({ title: t(`broadcasts.steps.${name}`) }))} />
      </Panel>
      {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
      <Suspense fallback={<Bones />}>
      {step === "audience" && <AudienceStep draft={draft} change={change} next={() => go("content")} />}
      {step === "content" && <ContentStep draft={draft} change={change} back={() => go("audience")} next={() => save.mutate()} isSaving={save.isPending} />}
      {step === "estimate" && saved && <EstimateStep broadcast={saved} back={() => go("content")} next={() => go("send")} />}
      {step === "send" && saved && <SendStep broadcast={saved} back={() => go("estimate")} />}
      </Suspense>
    </>
  );
}
