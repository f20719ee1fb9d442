import { useQuery } from "@tanstack/react-query";
import { Skeleton, Table, type TableColumnType, Tabs } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { EmptyState } from "@/shared/ui/EmptyState";
import { FilterBar, SelectFilter } from "@/shared/ui/FilterBar";
import { KpiCard } from "@/shared/ui/KpiCard";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { ReadAgain } from "@/shared/ui/ReadAgain";
import { useUrlState } from "@/shared/urlState";
import { useStaff } from "@/shared/useNames";
import { useFormat } from "@/shared/words";
import { DayChart } from "./DayChart";

const DaysFilter = lazy(() => import("@/shared/ui/DaysFilter"));

const names = ["from", "to", "staff_id"] as const;
const tabs = ["staff", "groups"] as const;
const talk = ["contacts", "lost", "chats", "messages", "requests"] as const;
const figures = ["new_members", "messages", "new_groups", "members", "groups"] as const;

/** What WeCom counted of staff, and of their groups, by day. */
export default function Statistics() {
  const { t } = useTranslation();
  const [state, set] = useUrlState();
  const staff = useStaff();
  const tab = state["tab"] === "groups" ? "groups" : "staff";
  return (
    <Page title={t("menu.statistics")} note={t("statistics.note")} actions={<ReadAgain objects={["staff_days", "group_owner_days"]} />}>
      <Panel small>
        <FilterBar names={names}>
          <Suspense fallback={null}>
            <DaysFilter label={t("statistics.days")} />
          </Suspense>
          <SelectFilter name="staff_id" label={t("statistics.member")} options={staff.data?.items.map((one) => ({ value: one.id, label: one.label })) ?? []} loading={staff.isPending} width={160} />
        </FilterBar>
      </Panel>
      <Tabs
        className="below"
        activeKey={tab}
        onChange={(key) => set({ tab: key === "staff" ? undefined : key })}
        destroyOnHidden
        items={tabs.map((key) => ({ key, label: t(`statistics.tabs.${key}`), children: key === "staff" ? <Talk /> : <Groups /> }))}
      />
    </Page>
  );
}

function useAsked() {
  const [state] = useUrlState();
  return { first: state["from"], last: state["to"], staff_id: state["staff_id"] };
}

function Talk() {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useAsked();
  const sums = useQuery({ queryKey: ["statistics", "staff", query], queryFn: () => body(client.GET("/api/statistics/staff", { params: { query } })), placeholderData: (before) => before });
  const replies = (one: Schema<"TalkOut">) => (one.reply_rate === null ? "–" : format.rate(one.reply_rate / 100));
  const minutes = (one: Schema<"TalkOut">) => (one.first_reply_minutes === null ? "–" : format.count(Math.round(one.first_reply_minutes)).full);
  const columns: TableColumnType<Schema<"TalkStaffOut">>[] = [
    { key: "name", title: t("statistics.member"), fixed: "left", dataIndex: "name" },
    ...talk.map((name) => ({ key: name, title: t(`statistics.talk.${name}`), align: "right" as const, sorter: (a: Schema<"TalkStaffOut">, b: Schema<"TalkStaffOut">) => a[name] - b[name], render: (_: unknown, row: Schema<"TalkStaffOut">) => format.count(row[name]).full })),
    { key: "rate", title: t("statistics.replyRate"), align: "right", render: (_, row) => replies(row) },
    { key: "minutes", title: t("statistics.replyMinutes"), align: "right", render: (_, row) => minutes(row) },
  ];
  return (
    <Loaded query={sums} skeleton={<Skeleton active paragraph={{ rows: 8 }} />}>
      {(data) =>
        data.days.length === 0 ? (
          <Empty />
        ) : (
          <>
            <div className="kpi-grid">
              {(["contacts", "lost", "chats", "messages"] as const).map((name) => (
                <KpiCard key={name} title={t(`statistics.talk.${name}`)} value={format.count(data.total[name])} definition={t(`statistics.definitions.${name}`)} />
              ))}
              <KpiCard title={t("statistics.replyRate")} value={replies(data.total)} definition={t("statistics.definitions.replyRate")} />
              <KpiCard title={t("statistics.replyMinutes")} value={minutes(data.total)} definition={t("statistics.definitions.replyMinutes")} />
            </div>
            <Panel small className="below" title={t("statistics.byDay")}>
              <DayChart
                days={data.days.map((day) => day.day)}
                bars={{ name: t("statistics.talk.contacts"), values: data.days.map((day) => day.contacts) }}
                line={{ name: t("statistics.talk.messages"), values: data.days.map((day) => day.messages) }}
                summary={t("statistics.talkSummary", { days: data.days.length, contacts: format.count(data.total.contacts).full, messages: format.count(data.total.messages).full })}
              />
            </Panel>
            <Panel small className="below" title={t("statistics.byStaff")}>
              <Table<Schema<"TalkStaffOut">> aria-label={t("statistics.byStaff")} size="small" rowKey="staff_id" dataSource={data.staff} columns={columns} scroll={{ x: "max-content" }} pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }} />
            </Panel>
          </>
        )
      }
    </Loaded>
  );
}

function Groups() {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useAsked();
  const sums = useQuery({ queryKey: ["statistics", "groups", query], queryFn: () => body(client.GET("/api/statistics/groups", { params: { query } })), placeholderData: (before) => before });
  const columns: TableColumnType<Schema<"GroupOwnerOut">>[] = [
    { key: "name", title: t("statistics.owner"), fixed: "left", dataIndex: "name" },
    ...figures.map((name) => ({ key: name, title: t(`statistics.figures.${name}`), align: "right" as const, sorter: (a: Schema<"GroupOwnerOut">, b: Schema<"GroupOwnerOut">) => a[name] - b[name], render: (_: unknown, row: Schema<"GroupOwnerOut">) => format.count(row[name]).full })),
  ];
  return (
    <Loaded query={sums} skeleton={<Skeleton active paragraph={{ rows: 8 }} />}>
      {(data) =>
        data.days.length === 0 ? (
          <Empty />
        ) : (
          <>
            <div className="kpi-grid">
              {figures.map((name) => (
                <KpiCard key={name} title={t(`statistics.figures.${name}`)} value={format.count(data.total[name])} definition={t(`statistics.figureDefinitions.${name}`)} />
              ))}
            </div>
            <Panel small className="below" title={t("statistics.byDay")}>
              <DayChart
                days={data.days.map((day) => day.day)}
                bars={{ name: t("statistics.figures.new_members"), values: data.days.map((day) => day.new_members) }}
                line={{ name: t("statistics.figures.messages"), values: data.days.map((day) => day.messages) }}
                summary={t("statistics.groupSummary", { days: data.days.length, members: format.count(data.total.new_members).full, messages: format.count(data.total.messages).full })}
              />
            </Panel>
            <Panel small className="below" title={t("statistics.byOwner")}>
              <Table<Schema<"GroupOwnerOut">> aria-label={t("statistics.byOwner")} size="small" rowKey="staff_id" dataSource={data.owners} columns={columns} scroll={{ x: "max-content" }} pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }} />
            </Panel>
          </>
        )
      }
    </Loaded>
  );
}

function Empty() {
  const { t } = useTranslation();
  return (
    <Panel>
      <EmptyState title={t("statistics.empty")} purpose={t("statistics.emptyPurpose")} />
    </Panel>
  );
}
