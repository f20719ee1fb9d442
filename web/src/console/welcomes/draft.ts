import type { Schema } from "@/shared/api";
import { byteLength, cardTitleLimit, isWebAddress, placeholders, textLimit } from "@/shared/message";

/** What the editor collects, as it was typed. */
export interface Draft {
  text: string;
  linkTitle: string;
  linkUrl: string;
  states: string[];
}

export const emptyDraft: Draft = { text: "", linkTitle: "", linkUrl: "", states: [] };

export const statesLimit = 100;

/** The longest source that comes with a customer, in bytes of UTF-8. */
export const stateLimit = 64;

export type DraftProblem = "text" | "long" | "url" | "cardLink" | "cardTitle" | "titleLong" | "states" | "placeholder" | "titlePlaceholder";

/** What still stands in the way of saving; empty when nothing does. */
export function problemsOf(draft: Draft): DraftProblem[] {
  const [title, url] = [draft.linkTitle.trim(), draft.linkUrl.trim()];
  const found: DraftProblem[] = [];
  if (!draft.text.trim()) found.push("text");
  if (byteLength(draft.text) > textLimit) found.push("long");
  if (placeholders(draft.text).length > 0) found.push("placeholder");
  if (placeholders(title).length > 0) found.push("titlePlaceholder");
  if (url && !isWebAddress(url)) found.push("url");
  if (title && !url) found.push("cardLink");
  if (url && !title) found.push("cardTitle");
  if (byteLength(title) > cardTitleLimit) found.push("titleLong");
  if (draft.states.length > statesLimit || draft.states.some((state) => byteLength(state.trim()) > stateLimit)) found.push("states");
  return found;
}

export function draftOf(welcome: Schema<"WelcomeOut">): Draft {
  return { text: welcome.text, linkTitle: welcome.link_title ?? "", linkUrl: welcome.link_url ?? "", states: welcome.states };
}

/** The draft as the server takes it. */
export function wordsOf(draft: Draft): Schema<"WordsIn"> {
  return { text: draft.text, link_title: draft.linkTitle.trim() || null, link_url: draft.linkUrl.trim() || null, states: draft.states };
}
