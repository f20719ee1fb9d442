import { DownloadOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Alert, Button, Descriptions, Flex, Skeleton, Steps } from "antd";
import { lazy, Suspense, useCallback, useEffect } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { useConfirmCount } from "@/shared/ui/ConfirmCount";
import { GoButton } from "@/shared/ui/Go";
import { isOver, JobProgress } from "@/shared/ui/JobProgress";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { useUrlState } from "@/shared/urlState";
import { useAct } from "@/shared/useAct";
import { problemText, useFormat } from "@/shared/words";
import { DeleteImport } from "./DeleteImport";

const Mapping = lazy(() => import("./Mapping"));
const Report = lazy(() => import("./Report"));

type ImportAnswer = Schema<"Import">;
const steps = ["mapping", "check", "run", "result"] as const;
type Step = (typeof steps)[number];

function stepOf(one: ImportAnswer, isBusy: boolean, wanted: string | undefined): Step {
  if (one.state === "done" || one.state === "failed" || one.state === "cancelled") return "result";
  if (one.state === "importing") return "run";
  if (wanted === "mapping" && !isBusy) return "mapping";
  return one.state === "checked" || isBusy ? "check" : "mapping";
}

/** One file on its way in: columns, dry run, import, result. Each step can be left and come back to. */
export default function Import() {
  const { t } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const [state, set] = useUrlState();
  const queries = useQueryClient();
  const key = ["imports", id];
  const one = useQuery({ queryKey: key, queryFn: () => body(client.GET("/api/imports/{import_id}", { params: { path: { import_id: id } } })) });
  const jobId = one.data?.job_id;
  const job = useQuery({ queryKey: ["jobs", jobId], queryFn: () => body(client.GET("/api/jobs/{id}", { params: { path: { id: jobId ?? "" } } })), enabled: Boolean(jobId) });
  const isBusy = Boolean(jobId && job.data && !isOver(job.data));
  const step = one.data ? stepOf(one.data, isBusy, state["step"]) : "mapping";

  const refresh = useCallback(() => {
    void queries.invalidateQueries({ queryKey: ["imports"] });
    void queries.invalidateQueries({ queryKey: ["jobs"] });
  }, [queries]);
  // A short job may be over before its progress was ever shown.
  const over = job.data && isOver(job.data) && (one.data?.state === "uploaded" || one.data?.state === "importing") ? job.data.id : null;
  useEffect(() => {
    if (over) refresh();
  }, [over, refresh]);
  const started = (next: ImportAnswer) => {
    queries.setQueryData(key, next);
    set({ step: undefined });
    refresh();
  };
  const run = useAct({
    mutationFn: () => body(client.POST("/api/imports/{import_id}/run", { params: { path: { import_id: id } } })),
    onSuccess: (next) => {
      started(next);
      void queries.invalidateQueries({ queryKey: ["customers"] });
    },
  });
  const stop = () => client.POST("/api/imports/{import_id}/cancel", { params: { path: { import_id: id } } });

  return (
    <Page title={one.data?.file_name ?? "…"} back={{ to: "/imports", label: t("menu.imports") }} actions={one.data?.deletable && !isBusy && <DeleteImport one={one.data} />}>
      <Loaded query={one} skeleton={<Skeleton active paragraph={{ rows: 10 }} />}>
        {(data) => (
          <Flex vertical gap={16}>
            <Panel small>
              <Steps size="small" current={steps.indexOf(step)} items={steps.map((name) => ({ title: t(`imports.steps.${name}`) }))} />
            </Panel>
            <UnreadSheets one={data} />
            {step === "mapping" && job.data?.state === "cancelled" && <Alert type="info" showIcon title={t("imports.checkCancelled")} description={t("imports.checkCancelledNote")} />}
            {step === "mapping" && (
              <Suspense fallback={null}>
                <Mapping key={`${data.id} ${data.encoding}`} one={data} started={started} />
              </Suspense>
            )}
            {step === "check" && isBusy && jobId && (
              <Panel title={t("imports.checking")}>
                <JobProgress id={jobId} onOver={refresh} cancel={stop} />
              </Panel>
            )}
            {step === "check" && !isBusy && <Checked one={data} run={run} back={() => set({ step: "mapping" })} />}
            {step === "run" && jobId && (
              <Panel title={t("imports.running")}>
                <JobProgress id={jobId} onOver={refresh} cancel={stop} />
                <p className="page-note">{t("imports.runningNote")}</p>
              </Panel>
            )}
            {step === "result" && <Finished one={data} written={job.data?.result} again={() => run.mutate()} isPending={run.isPending} />}
          </Flex>
        )}
      </Loaded>
    </Page>
  );
}

/** Of a workbook, the sheets that are not read: nobody may miss them unawares. */
function UnreadSheets({ one }: { one: ImportAnswer }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!one.sheet || one.sheet.unread.length === 0) return null;
  const unread = one.sheet.unread.map(({ name, rows }) => t("imports.sheetUnread", { name, rows: format.count(rows).full })).join(t("common.listComma"));
  return (
    <Alert type="warning" showIcon title={t("imports.sheetRead", { sheet: one.sheet.name, row: one.sheet.heading_row, unread })} description={t("imports.sheetAdvice")} />
  );
}

function Checked({ one, run, back }: { one: ImportAnswer; run: { mutateAsync: () => Promise<unknown>; isPending: boolean; error: Error | null }; back: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const confirm = useConfirmCount();
  const { report } = one;
  const problem = run.error instanceof ApiError ? problemText(run.error, t) : null;
  if (!report) return <Alert type="warning" showIcon title={t("imports.noReport")} action={<Button onClick={back}>{t("imports.backToMapping")}</Button>} />;
  const writes = report.new_orders + report.changed_orders;
  const start = () =>
    confirm({
      title: t("imports.runTitle"),
      touches: t("imports.runTouches", { count: writes, orders: format.count(writes).full, people: format.count(report.customers).full }),
      consequence: t("imports.runNote", { rejected: format.count(report.rejected).full }),
      act: t("imports.run"),
      understood: t("imports.runUnderstood"),
      run: () => run.mutateAsync(),
    });
  return (
    <>
      {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} />}
      <Panel
        title={t("imports.checkTitle")}
        extra={
          <Flex gap={8}>
            <Button onClick={back}>{t("imports.backToMapping")}</Button>
            {report.rejected > 0 && (
              <Button icon={<DownloadOutlined aria-hidden />} href={`/api/imports/${one.id}/rejected.csv`}>
                {t("imports.rejectedFile")}
              </Button>
            )}
            <Button type="primary" disabled={report.orders === 0} loading={run.isPending} onClick={start}>
              {t("imports.run")}
            </Button>
          </Flex>
        }
      >
        {writes === 0 && report.orders > 0 && <Alert type="info" showIcon title={t("imports.nothingNew")} className="form-alert" />}
        <Suspense fallback={null}>
          <Report report={report} />
        </Suspense>
      </Panel>
    </>
  );
}

/** `written`: by kind, how many orders the run has written so far. */
function Finished({ one, written, again, isPending }: { one: ImportAnswer; written: Schema<"JobOut">["result"] | undefined; again: () => void; isPending: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { report } = one;
  const orders = (name: "new_orders" | "changed_orders") => Number(written?.[name] ?? 0);
  if (one.state !== "done") {
    return (
      <Panel>
        <Alert
          type={one.state === "failed" ? "error" : "info"}
          showIcon
          title={t(one.state === "failed" ? "imports.failed" : "imports.cancelled")}
          description={
            <>
              {orders("new_orders") + orders("changed_orders") > 0
                ? t("imports.written", { created: format.count(orders("new_orders")).full, changed: format.count(orders("changed_orders")).full })
                : t("imports.nothingWritten")}
              <br />
              {t("imports.resumeNote")}
            </>
          }
          action={
            <Button type="primary" loading={isPending} onClick={again}>
              {t("imports.resume")}
            </Button>
          }
        />
      </Panel>
    );
  }
  return (
    <Panel
      title={t("imports.doneTitle")}
      extra={
        <Flex gap={8} wrap>
          {report && report.rejected > 0 && (
            <Button icon={<DownloadOutlined aria-hidden />} href={`/api/imports/${one.id}/rejected.csv`}>
              {t("imports.rejectedFile")}
            </Button>
          )}
          <GoButton to="/orders">{t("imports.toOrders")}</GoButton>
          <GoButton to="/customers">{t("imports.toCustomers")}</GoButton>
          <GoButton to="/rfm" type="primary">
            {t("imports.toRfm")}
          </GoButton>
        </Flex>
      }
    >
      {report ? (
        <Suspense fallback={null}>
          <Report report={report} />
        </Suspense>
      ) : ( <Descriptions items={[{ key: "state", label: t("imports.state"), children: t("imports.states.done") }]} />
      )}
    </Panel>
  );
}
