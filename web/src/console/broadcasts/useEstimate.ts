import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { body, client, type Schema } from "@/shared/api";

/** Who would get this version of a draft now, reckoned by the server with nothing sent. */
export function useEstimate({ id, version }: Schema<"BroadcastOut">) {
  return useQuery({
    queryKey: ["broadcasts", id, "estimate", version],
    queryFn: () => body(client.POST("/api/broadcasts/{id}/estimate", { params: { path: { id } } })),
    staleTime: 60_000,
    // The version before stays on screen until this one is reckoned; nothing is sent on it.
    placeholderData: keepPreviousData,
  });
}
