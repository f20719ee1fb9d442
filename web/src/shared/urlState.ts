import { useCallback, useMemo } from "react";
import { useLocation, useNavigate } from "@tanstack/react-router";

/** What a page keeps in its address: filters, sort, page, tab. Empty values are left out, so a plain address means the defaults. */
export type UrlState = Record<string, string | undefined>;

export function parseSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

export function stringifySearch(state: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) {
    if (value !== undefined && value !== null && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}

/** `next` laid over `current`; an empty value removes its key. */
export function merged(current: UrlState, next: UrlState): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...current, ...next })) {
    if (value) result[name] = value;
  }
  return result;
}

/** An address with a query made of `state`: how figures link to the list of their people. */
export function address(path: string, state: UrlState = {}): string {
  return path + stringifySearch(state);
}

/** The query of this page and a setter that merges. Changing a filter replaces the entry of history; `push` keeps the former one to go back to. Done once the page has the new address. */
export function useUrlState(): [Record<string, string>, (next: UrlState, options?: { push?: boolean }) => Promise<void>] {
  const searchText = useLocation({ select: (location) => location.searchStr });
  const navigate = useNavigate();
  const state = useMemo(() => parseSearch(searchText), [searchText]);
  const set = useCallback(
    (next: UrlState, options: { push?: boolean } = {}) => {
      return navigate({ to: ".", search: (current: Record<string, string>) => merged(current, next), replace: !options.push } as never);
    },
    [navigate],
  );
  return [state, set];
}
