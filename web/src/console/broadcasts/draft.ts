import type { Schema } from "@/shared/api";
import { byteLength, cardTitleLimit, isWebAddress, placeholders, textLimit } from "@/shared/message";

/** What the wizard collects. Money and rates as the server takes them; text as it was typed. */
export interface Draft {
  name: string;
  segmentId: string | null;
  title: string;
  text: string;
  linkUrl: string;
  linkTitle: string;
  purpose: "promotion" | "service";
  holdoutPercent: number;
  horizonDays: number;
  /** Instant of sending; null: as soon as it is approved. */
  sendAt: string | null;
}

export const emptyDraft: Draft = {
  name: "",
  segmentId: null,
  title: "",
  text: "",
  linkUrl: "",
  linkTitle: "",
  purpose: "promotion",
  holdoutPercent: 10,
  horizonDays: 7,
  sendAt: null,
};

export const place = "{link}";
/** Room in the text for the tracked link that takes the place of `{link}`, in bytes. */
const placeBytes = 100;

export type DraftProblem = "name" | "segment" | "text" | "long" | "url" | "link" | "place" | "cardTitle" | "cardLink" | "words" | "placeholder" | "titlePlaceholder";

/** Bytes of the text as it is sent, its links among them. */
export function sentLength(text: string): number {
  return byteLength(text.split(place).join("x".repeat(placeBytes)));
}

/** What still stands in the way of a step; empty when one may go on. */
export function problemsOf(draft: Draft, step: "audience" | "content", blocked: number): DraftProblem[] {
  if (step === "audience") return [...(draft.name.trim() ? [] : ["name" as const]), ...(draft.segmentId ? [] : ["segment" as const])];
  const found: DraftProblem[] = [];
  if (!draft.text.trim()) found.push("text");
  const [url, title, isPlaced] = [draft.linkUrl.trim(), draft.linkTitle.trim(), draft.text.includes(place)];
  if (sentLength(draft.text) > textLimit) found.push("long");
  if (placeholders(draft.text, [place]).length > 0) found.push("placeholder");
  if (placeholders(title).length > 0) found.push("titlePlaceholder");
  if (draft.linkUrl && !isWebAddress(url)) found.push("url");
  if (isPlaced && !url) found.push("link");
  else if (title && !url) found.push("cardLink");
  if (url && !isPlaced && !title) found.push("place");
  if (byteLength(title) > cardTitleLimit) found.push("cardTitle");
  if (blocked > 0) found.push("words");
  return found;
}

/** The draft of a broadcast that the server keeps. */
export function draftOf(broadcast: Schema<"BroadcastOut">): Draft {
  const { material } = broadcast;
  return {
    name: broadcast.name,
    segmentId: broadcast.segment.id,
    title: material.title,
    text: material.text,
    linkUrl: material.link_url ?? "",
    linkTitle: material.link_title ?? "",
    purpose: broadcast.purpose === "service" ? "service" : "promotion",
    holdoutPercent: broadcast.holdout_bp / 100,
    horizonDays: broadcast.horizon_days,
    sendAt: broadcast.send_at,
  };
}

/** Whether the message itself is still the one that the server keeps, so that it need not be saved anew. */
export function sameContent(draft: Draft, material: Schema<"MaterialRef">): boolean {
  return draft.text === material.text && draft.linkUrl.trim() === (material.link_url ?? "") && draft.linkTitle.trim() === (material.link_title ?? "");
}

const storageKey = "siyu.broadcast.draft";

/** What was typed before the server knew of it; lives as long as the tab. */
export function storedDraft(): Draft {
  try {
    return { ...emptyDraft, ...(JSON.parse(sessionStorage.getItem(storageKey) ?? "{}") as Partial<Draft>) };
  } catch {
    return emptyDraft;
  }
}

export function storeDraft(draft: Draft | null): void {
  if (draft) sessionStorage.setItem(storageKey, JSON.stringify(draft));
  else sessionStorage.removeItem(storageKey);
}
