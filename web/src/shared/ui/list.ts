import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";

import { useUrlState } from "../urlState";

/** One page of a list as the server gives it. */
export interface ListPageAnswer<Row> {
  items: Row[];
  next_cursor?: string | null;
  total?: number | null;
  as_of?: string | null;
}

export interface ListQuery {
  cursor?: string;
  limit: number;
  sort?: string;
  dir?: string;
}

interface ListOptions<Row> {
  queryKey: readonly unknown[];
  /** Filter keys read from the address. */
  names: readonly string[];
  load: (query: ListQuery & Record<string, string | number>) => Promise<ListPageAnswer<Row>>;
  /** Milliseconds between refreshes; false for none. */
  refresh?: number | false | ((rows: Row[]) => number | false);
}

export interface List<Row> {
  query: UseQueryResult<ListPageAnswer<Row>>;
  filters: Record<string, string>;
  isFiltered: boolean;
  limit: number;
  number: number;
  next: (() => void) | null;
  previous: (() => void) | null;
  setLimit: (limit: number) => void;
  clear: () => void;
  sort: { key: string | undefined; dir: string | undefined };
  setSort: (key: string | undefined, dir: string | undefined) => void;
}

export const limits = [20, 50, 100] as const;

/** A list whose filters, sort and page are the address's. Pages are by cursor: the way back is remembered while the page stays open. */
export function useList<Row>({ queryKey, names, load, refresh = false }: ListOptions<Row>): List<Row> {
  const [state, set] = useUrlState();
  const [trail, setTrail] = useState<(string | undefined)[]>([]);
  const filters = Object.fromEntries(names.flatMap((name) => (state[name] ? [[name, state[name]]] : [])));
  const limit = limits.find((one) => String(one) === state["limit"]) ?? 50;
  const asked: ListQuery & Record<string, string | number> = { ...filters, limit };
  for (const name of ["cursor", "sort", "dir"] as const) {
    if (state[name]) asked[name] = state[name];
  }
  const query = useQuery({
    queryKey: [...queryKey, asked],
    queryFn: () => load(asked),
    placeholderData: keepPreviousData,
    refetchInterval: (current) => (typeof refresh === "function" ? refresh(current.state.data?.items ?? []) : refresh),
  });
  const cursor = state["cursor"];
  const nextCursor = query.data?.next_cursor;
  if (!cursor && trail.length > 0) setTrail([]);
  return {
    query,
    filters,
    isFiltered: Object.keys(filters).length > 0,
    limit,
    number: trail.length + 1,
    next: nextCursor
      ? () => {
          setTrail([...trail, cursor]);
          set({ cursor: nextCursor }, { push: true });
        }
      : null,
    previous: cursor
      ? () => {
          setTrail(trail.slice(0, -1));
          set({ cursor: trail[trail.length - 1] }, { push: true });
        }
      : null,
    setLimit: (next) => set({ limit: next === 50 ? undefined : String(next), cursor: undefined }),
    clear: () => set(Object.fromEntries([...names, "cursor"].map((name) => [name, undefined]))),
    sort: { key: state["sort"], dir: state["dir"] },
    setSort: (key, dir) => set({ sort: key, dir: key ? dir : undefined, cursor: undefined }),
  };
}
