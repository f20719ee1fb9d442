import { DownloadOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Flex } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { Permitted } from "@/shared/session";
import { EmptyState } from "@/shared/ui/EmptyState";
import { GoButton } from "@/shared/ui/Go";
import { isOver, JobBar } from "@/shared/ui/JobProgress";
import { useList } from "@/shared/ui/list";
import { ListPage } from "@/shared/ui/ListPage";
import { useAct } from "@/shared/useAct";
import { useActorName } from "@/shared/useNames";
import { jobProblem, useFormat, word } from "@/shared/words";

type Job = Schema<"JobOut">;

/** Long work: what runs, how far it is, what failed, who started it. */
export default function Jobs() {
  const { t } = useTranslation();
  const format = useFormat();
  const actor = useActorName();
  const list = useList<Job>({
    queryKey: ["jobs", "list"],
    names: [],
    load: (query) => body(client.GET("/api/jobs", { params: { query } })),
    refresh: (rows) => (rows.some((job) => !isOver(job)) ? 1500 : 10_000),
  });
  return (
    <ListPage
      title={t("menu.jobs")}
      list={list}
      rowKey="id"
      empty={<EmptyState title={t("jobs.empty")} purpose={t("jobs.emptyPurpose")} />}
      columns={[
        { key: "title", title: t("jobs.title"), render: (_, job) => <Title job={job} /> },
        { key: "state", title: t("jobs.state"), width: 380, render: (_, job) => <JobBar job={job} /> },
        { key: "by", title: t("jobs.by"), render: (_, job) => actor(job.created_by) },
        { key: "created", title: t("common.createdAt"), render: (_, job) => format.moment(job.created_at) },
        { key: "finished", title: t("jobs.finishedAt"), render: (_, job) => format.moment(job.finished_at) },
        { key: "error", title: t("jobs.error"), render: (_, job) => (job.error ? <span className="job-failed">{jobProblem(job.error, t)}</span> : "–") },
        { key: "acts", title: t("common.acts"), render: (_, job) => <Acts job={job} /> },
      ]}
    />
  );
}

/** The page that a job works for. */
function subjectOf(job: Job): string | null {
  const { import_id: importId, broadcast_id: broadcastId, marking_id: markingId } = job.params;
  if (typeof importId === "string") return `/imports/${importId}`;
  if (typeof broadcastId === "string") return `/broadcasts/${broadcastId}`;
  return typeof markingId === "string" ? `/markings/${markingId}` : null;
}

function Acts({ job }: { job: Job }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const settle = { onSettled: () => queries.invalidateQueries({ queryKey: ["jobs"] }) };
  const cancel = useAct({ mutationFn: () => client.POST("/api/jobs/{id}/cancel", { params: { path: { id: job.id } } }), ...settle });
  const retry = useAct({ mutationFn: () => client.POST("/api/jobs/{id}/retry", { params: { path: { id: job.id } } }), ...settle });
  const file = job.result?.["url"];
  const subject = subjectOf(job);
  return (
    <Flex gap={8}>
      {job.cancellable && (
        <Permitted permission="jobs.run">
          <Button size="small" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {t("jobs.cancel")}
          </Button>
        </Permitted>
      )}
      {job.state === "failed" && (
        <Permitted permission="jobs.run">
          <Button size="small" loading={retry.isPending} onClick={() => retry.mutate()}>
            {t("common.retry")}
          </Button>
        </Permitted>
      )}
      {subject && (
        <GoButton size="small" to={subject}>
          {t("jobs.open")}
        </GoButton>
      )}
      {typeof file === "string" && (
        <Button size="small" icon={<DownloadOutlined aria-hidden />} href={file}>
          {t("common.download")}
        </Button>
      )}
    </Flex>
  );
}

/** What is done, to what; a long file name is cut short and shown whole on pointing. */
function Title({ job }: { job: Job }) {
  const { t } = useTranslation();
  const kind = word("jobs.kinds", job.kind);
  const whole = job.title ? t("jobs.titled", { kind, title: job.title }) : kind;
  return (
    <span className="job-title" title={whole}>
      {whole}
    </span>
  );
}
