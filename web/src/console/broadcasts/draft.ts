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

/** `draft` carried over from one version of a broadcast to another: what was typed stays, the rest follows. */
export function rebased(draft: Draft, from: Draft, to: Draft): Draft {
  const typed = fields.filter((field) => !isSame(field, draft, from)).map((field) => [field, draft[field]]);
  return { ...to, ...(Object.fromEntries(typed) as Partial<Draft>) };
}

const fields = Object.keys(emptyDraft) as (keyof Draft)[];

function isSame(field: keyof Draft, one: Draft, other: Draft): boolean {
  return field === "sendAt" ? sameInstant(one.sendAt, other.sendAt) : one[field] === other[field];
}

/** Whether two instants, however written, are one; null is as soon as possible. */
export function sameInstant(one: string | null, other: string | null): boolean {
  return one === null || other === null ? one === other : Date.parse(one) === Date.parse(other);
}

/** What was typed and is not saved. `base`: the version of the broadcast that it changes; null: the server knows none yet. */
export interface Unsaved {
  draft: Draft;
  base: Schema<"BroadcastOut"> | null;
}

/** Where an account's unsaved typing is kept, as long as the tab lives: its own place for each draft and for each segment that one comes from. */
export function placeOf(accountId: string, address: { draft?: string | undefined; segment?: string | undefined }): string {
  return ["siyu.broadcast", accountId, address.draft ? `draft:${address.draft}` : address.segment ? `segment:${address.segment}` : "new"].join(".");
}

/** What is kept at a place, laid over what would be there otherwise. */
export function kept(place: string, otherwise: Unsaved): Unsaved {
  try {
    const found = JSON.parse(sessionStorage.getItem(place) ?? "null") as Unsaved | null;
    return found ? { draft: { ...otherwise.draft, ...found.draft }, base: found.base } : otherwise;
  } catch {
    return otherwise;
  }
}

/** Keeps what differs from its base, and forgets what does not. */
export function keep(place: string, { draft, base }: Unsaved): void {
  const start = base ? draftOf(base) : emptyDraft;
  if (fields.some((field) => !isSame(field, draft, start))) sessionStorage.setItem(place, JSON.stringify({ draft, base } satisfies Unsaved));
  else sessionStorage.removeItem(place);
}

export function forget(place: string): void {
  sessionStorage.removeItem(place);
}
