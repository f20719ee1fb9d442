import { PlusOutlined } from "@ant-design/icons";
import { Button, Checkbox, Tabs } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { Permitted } from "@/shared/session";
import { EmptyState } from "@/shared/ui/EmptyState";
import { FilterBar, SearchFilter } from "@/shared/ui/FilterBar";
import { type ListColumn, ListTable } from "@/shared/ui/ListTable";
import { useList } from "@/shared/ui/list";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { ReadAgain } from "@/shared/ui/ReadAgain";
import { useUrlState } from "@/shared/urlState";
import { useFormat, word } from "@/shared/words";
import { Strays } from "./Strays";

const EnterJoinWay = lazy(() => import("./EnterJoinWay"));

type Way = Schema<"ContactWayOut"> | Schema<"JoinWayOut">;

const names = ["q", "deleted"] as const;
const kinds = ["contact", "join"] as const;
export type Kind = (typeof kinds)[number];

/** Codes by which customers come in, as WeCom keeps them, with those who came by each. */
export default function Ways() {
  const { t } = useTranslation();
  const [state, set] = useUrlState();
  const [entering, setEntering] = useState(false);
  const kind: Kind = state["tab"] === "join" ? "join" : "contact";
  return (
    <Page
      title={t("menu.ways")}
      note={t("ways.note")}
      actions={
        <>
          <ReadAgain objects={["contact_ways", "join_ways"]} />
          <Permitted permission="ways.write">
            <Button icon={<PlusOutlined aria-hidden />} onClick={() => setEntering(true)}>
              {t("ways.enter")}
            </Button>
          </Permitted>
        </>
      }
    >
      <Tabs
        activeKey={kind}
        onChange={(tab) => set({ tab: tab === "contact" ? undefined : tab, cursor: undefined })}
        destroyOnHidden
        items={kinds.map((key) => ({
          key,
          label: t(`ways.kinds.${key}`),
          children: (
            <>
              {key === "contact" ? <ContactWays /> : <JoinWays />}
              <Strays kind={key} />
            </>
          ),
        }))}
      />
      <Suspense fallback={null}>{entering && <EnterJoinWay close={() => setEntering(false)} />}</Suspense>
    </Page>
  );
}

function Filters() {
  const { t } = useTranslation();
  const [state, set] = useUrlState();
  return (
    <FilterBar names={names}>
      <SearchFilter name="q" label={t("ways.search")} />
      <Checkbox checked={state["deleted"] === "true"} onChange={(event) => set({ deleted: event.target.checked ? "true" : undefined, cursor: undefined })}>
        {t("ways.onlyDeleted")}
      </Checkbox>
    </FilterBar>
  );
}

function ContactWays() {
  const { t } = useTranslation();
  const columns = useColumns<Schema<"ContactWayOut">>();
  const list = useList<Schema<"ContactWayOut">>({ queryKey: ["ways", "contact"], names, load: (query) => body(client.GET("/api/ways/contact", { params: { query: { ...query, deleted: query["deleted"] === "true" } } })) });
  return (
    <Panel small>
      <Filters />
      <ListTable<Schema<"ContactWayOut">>
        list={list}
        rowKey="config_id"
        label={t("ways.kinds.contact")}
        empty={<EmptyState title={t("ways.empty")} purpose={t("ways.emptyPurpose")} action={{ label: t("menu.corps"), to: "/settings/wecom", permission: "corps.read" }} />}
        columns={[
          ...columns,
          { key: "scene", title: t("ways.scene"), choice: "shown", render: (_, row) => word("ways.scenes", String(row.scene)) },
          { key: "staff", title: t("ways.staff"), choice: "shown", render: (_, row) => t("ways.answering", { members: row.userids.length, departments: row.departments.length }) },
          { key: "verify", title: t("ways.verify"), choice: "hidden", render: (_, row) => (row.skip_verify ? t("ways.unverified") : t("ways.verified")) },
          { key: "read", title: t("ways.readAt"), render: (_, row) => <Moment at={row.read_at} /> },
        ]}
      />
    </Panel>
  );
}

function JoinWays() {
  const { t } = useTranslation();
  const columns = useColumns<Schema<"JoinWayOut">>();
  const list = useList<Schema<"JoinWayOut">>({ queryKey: ["ways", "join"], names, load: (query) => body(client.GET("/api/ways/join", { params: { query: { ...query, deleted: query["deleted"] === "true" } } })) });
  return (
    <Panel small>
      <Filters />
      <ListTable<Schema<"JoinWayOut">>
        list={list}
        rowKey="config_id"
        label={t("ways.kinds.join")}
        empty={<EmptyState title={t("ways.emptyJoin")} purpose={t("ways.emptyJoinPurpose")} />}
        columns={[
          ...columns,
          { key: "groups", title: t("ways.groups"), align: "right", choice: "shown", render: (_, row) => row.chat_ids.length },
          { key: "auto", title: t("ways.autoCreate"), choice: "shown", render: (_, row) => (row.auto_create ? t("ways.autoNamed", { name: row.base_name || "–" }) : t("ways.notAuto")) },
          { key: "read", title: t("ways.readAt"), render: (_, row) => (row.read_at ? <Moment at={row.read_at} /> : row.deleted_at ? t("ways.unknown") : t("ways.unread")) },
        ]}
      />
    </Panel>
  );
}

function Moment({ at }: { at: string | null }) {
  const format = useFormat();
  return <>{format.moment(at)}</>;
}

function useColumns<Row extends Way>(): ListColumn<Row>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    { key: "remark", title: t("ways.remark"), fixed: "left", render: (_, row) => row.remark || t("ways.nameless") },
    { key: "state", title: t("ways.state"), render: (_, row) => (row.state ? <code>{row.state}</code> : "–") },
    { key: "ever", title: t("ways.ever"), align: "right", render: (_, row) => format.count(row.comings.ever).full },
    { key: "lately", title: t("ways.lately"), align: "right", render: (_, row) => format.count(row.comings.lately).full },
    { key: "standing", title: t("ways.standing"), align: "right", render: (_, row) => format.count(row.comings.standing).full },
    {
      key: "picture",
      title: t("ways.picture"),
      render: (_, row) =>
        row.qr_code ? (
          <a href={row.qr_code} target="_blank" rel="noreferrer">
            {t("ways.open")}
          </a>
        ) : (
          "–"
        ),
    },
  ];
}
