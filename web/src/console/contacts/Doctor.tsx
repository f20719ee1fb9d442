import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Flex } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { Permitted } from "@/shared/session";
import { JobProgress } from "@/shared/ui/JobProgress";
import { Loaded } from "@/shared/ui/Loaded";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useUrlState } from "@/shared/urlState";
import { useAct } from "@/shared/useAct";
import { useFormat } from "@/shared/words";
import { Findings } from "./Findings";
import { count } from "./findings";

/** The last check-up of a corp: what is not well, the rest on demand, and another look. */
export function Doctor({ corp }: { corp: Schema<"CorpOut"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const [state, set] = useUrlState();
  const key = ["corps", corp.id, "doctor"];
  const path = { params: { path: { id: corp.id } } };
  const examination = useQuery({
    queryKey: key,
    queryFn: () => body(client.GET("/api/corps/{id}/doctor", path)),
    refetchInterval: ({ state: { data } }) => (data?.job_id ? 2_000 : 60_000),
  });
  const examine = useAct({ mutationFn: () => body(client.POST("/api/corps/{id}/doctor", path)), onSuccess: () => queries.invalidateQueries({ queryKey: key }) });
  const isOpen = state["checks"] === corp.id;
  return (
    <section aria-label={t("doctor.title")} className="doctor">
      <Flex gap={12} align="center" wrap className="doctor-head">
        <h3>{t("doctor.title")}</h3>
        {examination.data?.checked_at && <span className="page-note">{t("doctor.checkedAt", { time: format.moment(examination.data.checked_at) })}</span>}
        <span className="grow" />
        {corp.active && (
          <Permitted permission="corps.write">
            <Button size="small" loading={examine.isPending || Boolean(examination.data?.job_id)} onClick={() => examine.mutate()}>
              {t("doctor.run")}
            </Button>
          </Permitted>
        )}
      </Flex>
      <Loaded query={examination}>
        {({ findings, job_id }) => {
          const [bad, odd] = [count(findings, "error"), count(findings, "warning")];
          const shown = isOpen ? findings : findings.filter((one) => one.state === "error" || one.state === "warning");
          return (
            <>
              {job_id && <JobProgress id={job_id} onOver={() => void queries.invalidateQueries({ queryKey: ["corps"] })} />}
              {findings.length === 0 && !job_id && <p className="page-note">{t("doctor.never")}</p>}
              {findings.length > 0 && (
                <>
                  <Flex gap={8} align="center" wrap>
                    {bad > 0 && <StatusTag group="doctor.counts" code="error" tone="error" params={{ count: bad }} />}
                    {odd > 0 && <StatusTag group="doctor.counts" code="warning" tone="warning" params={{ count: odd }} />}
                    {bad + odd === 0 && <StatusTag group="doctor.counts" code="ok" tone="success" />}
                    <Button type="link" size="small" aria-expanded={isOpen} onClick={() => set({ checks: isOpen ? undefined : corp.id })}>
                      {isOpen ? t("doctor.less") : t("doctor.details", { count: findings.length })}
                    </Button>
                  </Flex>
                  <Findings findings={shown} />
                </>
              )}
            </>
          );
        }}
      </Loaded>
    </section>
  );
}
