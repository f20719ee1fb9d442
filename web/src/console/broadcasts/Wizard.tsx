import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Steps } from "antd";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { useSession } from "@/shared/session";
import { Bones } from "@/shared/ui/Bones";
import { useGo } from "@/shared/ui/Go";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { useUrlState } from "@/shared/urlState";
import { useAct, useKeys } from "@/shared/useAct";
import { problemText } from "@/shared/words";
import Changed, { type Change } from "./Changed";
import { type Draft, draftOf, emptyDraft, forget, keep, kept, placeOf, rebased, sameContent } from "./draft";
import { elsewhere } from "./elsewhere";

const AudienceStep = lazy(() => import("./AudienceStep"));
const ContentStep = lazy(() => import("./ContentStep"));
const EstimateStep = lazy(() => import("./EstimateStep"));
const SendStep = lazy(() => import("./SendStep"));

const steps = ["audience", "content", "estimate", "send"] as const;
type Step = (typeof steps)[number];
type BroadcastAnswer = Schema<"BroadcastOut">;

/** How far a draft may go: the later steps speak of one that the server keeps and can send. */
function furthest(saved: BroadcastAnswer | null, draft: Draft): Step {
  if (saved?.segment.archived && draft.segmentId === saved.segment.id) return "audience";
  return !saved || saved.segment.archived || saved.material.archived ? "content" : "send";
}

/** A new broadcast in four steps: to whom, what, who really gets it, send. What is typed is kept until it is sent. */
export default function Wizard() {
  const { t } = useTranslation();
  const [state] = useUrlState();
  const id = state["draft"];
  const saved = useQuery({
    queryKey: ["broadcasts", id],
    queryFn: () => body(client.GET("/api/broadcasts/{id}", { params: { path: { id: id ?? "" } } })),
    enabled: Boolean(id),
  });
  return (
    <Page title={t("broadcasts.new")} back={{ to: "/broadcasts", label: t("menu.broadcasts") }}>
      {id ? <Loaded query={saved}>{(data) => (data.state === "draft" ? <Form key={data.id} saved={data} /> : <Onwards id={data.id} />)}</Loaded> : <Form key={state["segment"] ? "segment" : "new"} saved={null} />}
    </Page>
  );
}

/** A broadcast that has left its draft is looked at on its own page; what was typed into it is over. */
function Onwards({ id }: { id: string }) {
  const go = useGo();
  const { account } = useSession();
  useEffect(() => {
    forget(placeOf(account.id, { draft: id }));
    go(`/broadcasts/${id}`, { replace: true });
    // Once: `go` is another function at each rendering.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [id, account.id]);
  return null;
}

function Form({ saved }: { saved: BroadcastAnswer | null }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const { account } = useSession();
  const [state, set] = useUrlState();
  const place = placeOf(account.id, { draft: saved?.id, segment: state["segment"] });
  const [start] = useState(() => kept(place, { draft: saved ? draftOf(saved) : { ...emptyDraft, segmentId: state["segment"] ?? null }, base: saved }));
  const [draft, setDraft] = useState(start.draft);
  // The version that `draft` changes; what others have done since is told, and joins what was typed.
  const [base, setBase] = useState(start.base);
  const [changed, setChanged] = useState<Change | null>(null);
  if (saved && base && saved.version > base.version) {
    setBase(saved);
    setDraft(rebased(draft, draftOf(base), draftOf(saved)));
    setChanged({ before: base, after: saved });
  }
  const wanted = steps.find((step) => step === state["step"]) ?? "audience";
  const step = steps[Math.min(steps.indexOf(wanted), steps.indexOf(furthest(saved, draft)))] ?? "audience";
  // The address follows, so that mending what is in the way does not leap ahead.
  useEffect(() => {
    if (step !== wanted) void set({ step });
  }, [step, wanted, set]);
  useEffect(() => {
    keep(place, { draft, base });
  }, [place, draft, base]);
  /** Goes on from an answer to an own act. */
  const follow = (next: BroadcastAnswer) => {
    setBase(next);
    setChanged(null);
    queries.setQueryData(["broadcasts", next.id], next);
  };
  /** Reads anew what somebody else has changed or archived meanwhile. */
  const heed = (error: Error) => {
    if (!(error instanceof ApiError) || !elsewhere.has(error.code)) return;
    void message.warning(problemText(error, t).title);
    if (saved) void queries.invalidateQueries({ queryKey: ["broadcasts", saved.id], exact: true });
    if (error.code !== "segment.not_found") return;
    void queries.invalidateQueries({ queryKey: ["segments"] });
    set({ step: "audience" });
  };

  const keys = useKeys();
  const save = useAct({
    mutationFn: async () => {
      const keeps = saved && !saved.material.archived && sameContent(draft, saved.material);
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
      return saved ? body(client.PATCH("/api/broadcasts/{id}", { params: { path: { id: saved.id } }, body: { ...broadcast, version: base?.version ?? null } })) : body(client.POST("/api/broadcasts", { body: broadcast, headers: keys(broadcast) }));
    },
    onSuccess: async (next) => {
      forget(place);
      follow(next);
      setDraft(draftOf(next));
      await queries.invalidateQueries({ queryKey: ["broadcasts", "list"] });
      // Back leads to this draft, not to an empty form.
      await set({ draft: next.id, segment: undefined, step: "content" });
      await set({ step: "estimate" }, { push: true });
    },
    onError: heed,
  });
  const problem = save.error instanceof ApiError && !elsewhere.has(save.error.code) ? problemText(save.error, t) : null;
  const go = (next: Step) => set({ step: next }, { push: true });
  const change = (part: Partial<Draft>) => {
    setDraft((current) => ({ ...current, ...part }));
    if (part.segmentId && state["segment"]) {
      forget(place);
      set({ segment: part.segmentId });
    }
  };

  return (
    <>
      <Panel small className="above">
        <Steps size="small" current={steps.indexOf(step)} items={steps.map((name) => ({ title: t(`broadcasts.steps.${name}`) }))} />
      </Panel>
      {changed && <Changed change={changed} close={() => setChanged(null)} />}
      {step === "content" && saved?.material.archived && <Alert type="info" showIcon className="form-alert" title={t("broadcasts.materialArchived")} />}
      {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
      <Suspense fallback={<Bones />}>
      {step === "audience" && <AudienceStep draft={draft} change={change} next={() => go("content")} />}
      {step === "content" && <ContentStep draft={draft} change={change} back={() => go("audience")} next={() => save.mutate()} isSaving={save.isPending} />}
      {step === "estimate" && saved && <EstimateStep broadcast={saved} back={() => go("content")} next={() => go("send")} />}
      {step === "send" && saved && <SendStep broadcast={saved} sendAt={draft.sendAt} change={change} follow={follow} heed={heed} back={() => go("estimate")} />}
      </Suspense>
    </>
  );
}
