import type { QueryClient } from "@tanstack/react-query";

import type { Me } from "@/shared/session";

/** Forgets everything that an earlier session had fetched; who is logged in stays watched by the gate. */
export function forget(queries: QueryClient): void {
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== "me" });
}

/** Begins a session with the answer of log-in or set-up. */
export function enter(queries: QueryClient, me: Me): void {
  forget(queries);
  queries.setQueryData(["me"], me);
}
