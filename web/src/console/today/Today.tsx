import { CheckCircleFilled, RightOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Col, Flex, Progress, Row, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { type Answer, body, client } from "@/shared/api";
import { usePreferences } from "@/shared/preferences";
import { useMay, useSession } from "@/shared/session";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Go, GoButton } from "@/shared/ui/Go";
import { KpiCard } from "@/shared/ui/KpiCard";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { RevenueChart } from "@/shared/ui/RevenueChart";
import { useFormat, word } from "@/shared/words";

type TodayAnswer = Answer<"/api/today">;

/** The first page of the day: money, people, tasks; what to do first on a new brand. */
export default function Today() {
  const { t } = useTranslation();
  const { account } = useSession();
  const today = useQuery({ queryKey: ["today"], queryFn: () => body(client.GET("/api/today")), refetchInterval: 30_000 });
  return (
    <Page title={t("today.title", { name: account.name })} tabTitle={t("menu.today")} asOf={today.data?.as_of}>
      <Loaded query={today} skeleton={<TodaySkeleton />}>
        {(data) => (
          <Flex vertical gap={16}>
            <Alarm />
            <Checklist steps={data.checklist} />
            <Figures figures={data.figures} />
            <Row gutter={[16, 16]}>
              <Col xs={24} xl={16}>
                <Revenue />
              </Col>
              <Col xs={24} xl={8}>
                <Tasks tasks={data.tasks} />
              </Col>
            </Row>
          </Flex>
        )}
      </Loaded>
    </Page>
  );
}

/** What stops the work of everybody, above all else and within seconds: a connection to WeCom that is not well, or sending that rests. */
function Alarm() {
  const { t } = useTranslation();
  const mayMend = useMay("corps.read");
  const alarms = useQuery({ queryKey: ["today", "alarms"], queryFn: () => body(client.GET("/api/today/alarms")), refetchInterval: 4_000 });
  const { corp_errors: faults = 0, resting = [] } = alarms.data ?? {};
  return (
    <>
      {faults > 0 && <Alert type="error" showIcon role="alert" title={t("today.corpErrors", { count: faults })} action={<GoButton to="/settings/wecom">{t("today.corpErrorsAct")}</GoButton>} />}
      {resting.map(({ corp, code }) => (
        <Alert
          key={corp}
          type="warning"
          showIcon
          role="status"
          title={t("today.sendingRests", { corp })}
          description={word("today.restsFor", code)}
          action={mayMend ? <GoButton to="/settings/wecom">{t("today.corpErrorsAct")}</GoButton> : <GoButton to="/broadcasts">{t("today.sendingRestsAct")}</GoButton>}
        />
      ))}
    </>
  );
}

function Figures({ figures }: { figures: TodayAnswer["figures"] }) {
  const { language } = usePreferences();
  const { t } = useTranslation();
  const format = useFormat();
  const isChinese = language === "zh-CN";
  const shown = (figure: TodayAnswer["figures"][number]) =>
    figure.unit === "fen" ? format.money(figure.value) : figure.unit === "rate" ? { short: format.rate(figure.value), full: "" } : format.count(figure.value);
  return (
    <section aria-label={t("today.figures")} className="kpi-grid">
      {figures.map((figure) => {
        const before = figure.compare?.value;
        const change = figure.value !== null && before ? (figure.value - before) / Math.abs(before) : null;
        return (
          <KpiCard
            key={figure.id}
            title={isChinese ? figure.zh : figure.en}
            value={shown(figure)}
            {...(figure.unit === "people" ? { unit: t("common.people") } : {})}
            change={change}
            compareWith={(isChinese ? figure.compare?.zh : figure.compare?.en) ?? ""}
            definition={isChinese ? figure.definition_zh : figure.definition_en}
            to={figure.link ?? undefined}
          />
        );
      })}
    </section>
  );
}

function Tasks({ tasks }: { tasks: TodayAnswer["tasks"] }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const format = useFormat();
  const open = tasks.filter((task) => task.count > 0 && task.id !== "corp_errors" && task.id !== "resting_corps");
  return (
    <Panel title={t("today.tasks")} className="full-height">
      {open.length === 0 ? (
        <EmptyState title={t("today.noTasks")} purpose={t("today.noTasksPurpose")} />
      ) : (
        <ul className="task-list">
          {open.map((task) => (
            <li key={task.id}>
              <Go to={task.link} className="task">
                <span className="task-count figure">{format.count(task.count).short}</span>
                <span className="grow">{language === "zh-CN" ? task.zh : task.en}</span>
                {task.due_at && <span className="page-note">{t("today.due", { time: format.moment(task.due_at) })}</span>}
                <RightOutlined aria-hidden />
              </Go>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Revenue() {
  const { t } = useTranslation();
  const may = useMay("analysis.read");
  const revenue = useQuery({ queryKey: ["revenue"], queryFn: () => body(client.GET("/api/revenue", { params: { query: { unit: "month" } } })), enabled: may });
  if (!may) return null;
  return (
    <Panel title={t("today.revenue")} extra={<Go to="/retention">{t("today.moreAnalysis")}</Go>}>
      <Loaded query={revenue} skeleton={<Skeleton active paragraph={{ rows: 6 }} />}>
        {(data) =>
          data.rows.length === 0 ? (
            <EmptyState title={t("today.noOrders")} purpose={t("today.noOrdersPurpose")} action={{ label: t("imports.start"), to: "/imports", permission: "imports.write" }} />
          ) : (
            <RevenueChart rows={data.rows} />
          )
        }
      </Loaded>
    </Panel>
  );
}

/** Pages that the console has for a step, where the server only knows the general one. */
const ownLinks: Record<string, string> = { connect: "/settings/wecom" };
const hiddenKey = "siyu.checklist";

/** First steps of a new brand with their live state; goes away when all are done or when it is put aside. */
function Checklist({ steps }: { steps: TodayAnswer["checklist"] }) {
  const { t } = useTranslation();
  const [hidden, setHidden] = useState(() => localStorage.getItem(hiddenKey) === "hidden");
  const done = steps.filter((step) => step.done).length;
  if (steps.length === 0 || done === steps.length || hidden) return null;
  const next = steps.find((step) => !step.done);
  const hide = () => {
    localStorage.setItem(hiddenKey, "hidden");
    setHidden(true);
  };
  return (
    <Panel
      title={t("today.checklist")}
      extra={
        <Button type="text" size="small" onClick={hide}>
          {t("today.hideChecklist")}
        </Button>
      }
    >
      <Flex gap={16} align="center" className="checklist-progress">
        <Progress status="normal" percent={Math.round((done / steps.length) * 100)} showInfo={false} aria-label={t("today.checklistProgress", { done, total: steps.length })} />
        <span className="figure">{t("today.checklistProgress", { done, total: steps.length })}</span>
      </Flex>
      <ol className="checklist">
        {steps.map((step) => (
          <li key={step.id} className={step.done ? "checklist-done" : undefined}>
            <span className="checklist-mark" aria-hidden>
              {step.done ? <CheckCircleFilled aria-hidden /> : null}
            </span>
            <div className="grow">
              <strong>{word("checklist", `${step.id}.title`)}</strong>
              <div className="page-note">{word("checklist", `${step.id}.note`)}</div>
            </div>
            {step.done ? (
              <span className="page-note">{t("today.done")}</span>
            ) : (
              <GoButton to={ownLinks[step.id] ?? step.link} type={step === next ? "primary" : "default"}>
                {t("today.goDo")}
              </GoButton>
            )}
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function TodaySkeleton() {
  return (
    <Flex vertical gap={16}>
      <div className="kpi-grid">
        {["a", "b", "c", "d", "e", "f"].map((key) => (
          <Panel key={key} small>
            <Skeleton active paragraph={{ rows: 1 }} />
          </Panel>
        ))}
      </div>
      <Panel>
        <Skeleton active paragraph={{ rows: 7 }} />
      </Panel>
    </Flex>
  );
}
