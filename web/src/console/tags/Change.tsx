import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Spin } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { isOver } from "@/shared/ui/JobProgress";
import { jobProblem, word } from "@/shared/words";

/** What became of a change that WeCom was asked for: under way, done, or refused in words. */
export function Change({ job, close }: { job: string; close: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data } = useQuery({
    queryKey: ["jobs", job],
    queryFn: () => body(client.GET("/api/jobs/{id}", { params: { path: { id: job } } })),
    refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : 1000),
  });
  const done = data?.state === "done";
  useEffect(() => {
    if (done) void queries.invalidateQueries({ queryKey: ["tags"] });
  }, [done, queries]);
  if (!data || !isOver(data)) return <Alert role="status" type="info" showIcon icon={<Spin size="small" />} title={t("tags.asking")} />;
  return <Alert role="status" type={done ? "success" : "error"} showIcon closable={{ onClose: close }} title={done ? t("tags.changed") : t("tags.refused")} description={done ? null : refusal(data, t)} />;
}

function refusal(job: Schema<"JobOut">, t: ReturnType<typeof useTranslation>["t"]): string {
  const params = job.error?.["params"] as { code?: number; reason?: string } | undefined;
  if (params?.code === undefined) return jobProblem(job.error ?? {}, t);
  const known = word("tags.refusals", String(params.code));
  return known === String(params.code) ? `${params.code} ${params.reason ?? ""}` : known;
}
