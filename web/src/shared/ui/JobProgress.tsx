import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Flex, Progress } from "antd";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "../api";
import { useAct } from "../useAct";
import { jobProblem, useFormat } from "../words";
import { Loaded } from "./Loaded";
import { StatusTag } from "./StatusTag";

type Job = Schema<"JobOut">;

export function isOver(job: Job): boolean {
  return job.state === "done" || job.state === "failed" || job.state === "cancelled";
}

interface JobProgressProps {
  id: string;
  onOver?: (job: Job) => void;
  /** Stops what the job works for, where that has a stop of its own; else the job is stopped. */
  cancel?: () => Promise<unknown>;
}

/** A long job while it runs: how far, how many failed, and a way to stop it. Survives a reload, because the server keeps it. */
export function JobProgress({ id, onOver, cancel: stop }: JobProgressProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const job = useQuery({
    queryKey: ["jobs", id],
    queryFn: () => body(client.GET("/api/jobs/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : 1000),
  });
  const cancel = useAct({
    mutationFn: async (): Promise<unknown> => (stop ? stop() : client.POST("/api/jobs/{id}/cancel", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["jobs"] }),
  });
  const told = useRef<string | null>(null);
  useEffect(() => {
    if (!job.data || !isOver(job.data) || told.current === id) return;
    told.current = id;
    onOver?.(job.data);
  }, [job.data, id, onOver]);
  return (
    <Loaded query={job}>
      {(data) => (
        <div aria-live="polite">
          <JobBar job={data} />
          {data.error && <Alert type="error" showIcon title={jobProblem(data.error, t)} />}
          {data.cancellable && (
            <Button size="small" className="job-stop" loading={cancel.isPending} onClick={() => cancel.mutate()}>
              {t("jobs.cancel")}
            </Button>
          )}
        </div>
      )}
    </Loaded>
  );
}

/** State and counts of a job in one line. A job that does not know its size yet shows no share. */
export function JobBar({ job }: { job: Job }) {
  const { t } = useTranslation();
  const format = useFormat();
  const share = job.total ? Math.min(1, job.done / job.total) : null;
  return (
    <div className="job-bar">
      <Flex gap={12} align="center">
        <StatusTag group="jobs.states" code={job.state} tone={({ ready: "default", leased: "processing", done: "success", failed: "error", cancelled: "default" } as const)[job.state]} />
        <span className="figure">
          {job.total ? t("jobs.doneOf", { done: format.count(job.done).full, total: format.count(job.total).full }) : t("jobs.done", { done: format.count(job.done).full })}
          {job.failed > 0 && <span className="job-failed"> · {t("jobs.failed", { failed: format.count(job.failed).full })}</span>}
        </span>
      </Flex>
      {share !== null && !isOver(job) && <Progress percent={Math.floor(share * 100)} status="active" aria-label={t("jobs.progress")} />}
    </div>
  );
}
