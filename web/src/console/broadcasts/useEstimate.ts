import { useQuery } from "@tanstack/react-query";

import { body, client } from "@/shared/api";

/** Who would get a draft now, reckoned by the server with nothing sent. */
export function useEstimate(id: string) {
  return useQuery({
    queryKey: ["broadcasts", id, "estimate"],
    queryFn: () => body(client.POST("/api/broadcasts/{id}/estimate", { params: { path: { id } } })),
    staleTime: 60_000,
  });
}
