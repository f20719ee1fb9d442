import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Flex, Progress } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { Permitted, useMay } from "@/shared/session";
import { useConfirmCount } from "@/shared/ui/ConfirmCount";
import { EmptyState, NoHit } from "@/shared/ui/EmptyState";
import { FilterBar, SearchFilter } from "@/shared/ui/FilterBar";
import { GoButton } from "@/shared/ui/Go";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { useUrlState } from "@/shared/urlState";
import { useFormat } from "@/shared/words";

import { Change } from "./Change";
import { GroupTable } from "./GroupTable";
import type { Wish } from "./TagForm";

const TagForm = lazy(() => import("./TagForm"));

type Library = Schema<"TagLibraryOut">;

const names = ["q", "unused"] as const;
/** Groups shown at first: a library may hold thousands of tags. */
const atFirst = 20;

/** The tag library of each corp: groups with their tags, customers who bear each, tags nobody bears, and how near the ceiling is. */
export default function Tags() {
  const { t } = useTranslation();
  const mayMark = useMay("markings.write");
  const libraries = useQuery({ queryKey: ["tags"], queryFn: () => body(client.GET("/api/tags")), refetchInterval: 60_000 });
  return (
    <Page title={t("menu.tags")} note={t("tags.note")} actions={mayMark && <GoButton to="/markings">{t("tags.history")}</GoButton>}>
      <Loaded query={libraries}>
        {(all) =>
          all.length === 0 ? (
            <Panel>
              <EmptyState title={t("tags.empty")} purpose={t("tags.emptyPurpose")} action={{ label: t("menu.corps"), to: "/settings/wecom", permission: "corps.read" }} />
            </Panel>
          ) : (
            <Flex vertical gap={16}>
              <Panel small>
                <Filters />
              </Panel>
              {all.map((library) => (
                <One key={library.corp} library={library} />
              ))}
            </Flex>
          )
        }
      </Loaded>
    </Page>
  );
}

function Filters() {
  const { t } = useTranslation();
  const [state, set] = useUrlState();
  return (
    <FilterBar names={names}>
      <SearchFilter name="q" label={t("tags.search")} />
      <Checkbox checked={state["unused"] === "yes"} onChange={(event) => set({ unused: event.target.checked ? "yes" : undefined })}>
        {t("tags.onlyUnused")}
      </Checkbox>
    </FilterBar>
  );
}

function One({ library }: { library: Library }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [state, set] = useUrlState();
  const confirm = useConfirmCount();
  const [wish, setWish] = useState<Wish | null>(null);
  const [job, setJob] = useState<string | null>(null);
  const [isWhole, setWhole] = useState(false);
  const remove = (one: { id: string; name: string; customers: number }) =>
    confirm({
      title: t("tags.deleteTitle", { name: one.name }),
      touches: t("tags.borne", { count: one.customers, people: format.count(one.customers).full }),
      consequence: t("tags.deleteNote"),
      act: t("tags.delete"),
      understood: t("common.peopleChecked"),
      danger: true,
      run: async () => setJob((await body(client.DELETE("/api/tags/{corp}/{id}", { params: { path: { corp: library.corp, id: one.id } } }))).job_id),
    });
  const [q, unused] = [(state["q"] ?? "").toLowerCase(), state["unused"] === "yes"];
  const groups = library.groups
    .map((group) => ({ ...group, tags: group.tags.filter((tag) => (!unused || tag.customers === 0) && (!q || `${group.name} ${tag.name}`.toLowerCase().includes(q))) }))
    .filter((group) => group.tags.length > 0);
  const [count, ceiling, early] = [library.tags, library.ceiling, library.warn_from].map((value) => format.count(value).full);
  return (
    <Panel title={library.corp_name} extra={<span className="page-note">{library.read_at ? t("tags.readAt", { time: format.moment(library.read_at) }) : t("tags.neverRead")}</span>}>
      <Flex vertical gap={12}>
        <div>
          {t("tags.used", { tags: count, ceiling })}
          <Progress percent={Math.round((library.tags / library.ceiling) * 100)} status="normal" aria-label={t("tags.used", { tags: count, ceiling })} />
        </div>
        <Permitted permission="tags.write">
          <Button icon={<PlusOutlined aria-hidden />} onClick={() => setWish({ act: "add", group: null })}>
            {t("tags.newGroup")}
          </Button>
        </Permitted>
        {job && <Change key={job} job={job} close={() => setJob(null)} />}
        {library.tags >= library.warn_from && <Alert type="warning" showIcon title={t("tags.nearCeiling", { early, ceiling })} />}
        {groups.length > 0 ? (
          <>
            {(isWhole ? groups : groups.slice(0, atFirst)).map((group) => (
              <GroupTable key={group.id} corp={library.corp} group={group} change={setWish} remove={remove} />
            ))}
            {!isWhole && groups.length > atFirst && (
              <Button onClick={() => setWhole(true)}>{t("tags.moreGroups", { count: groups.length - atFirst, groups: format.count(groups.length - atFirst).full })}</Button>
            )}
          </>
        ) : library.tags > 0 ? (
          <NoHit clear={() => set({ q: undefined, unused: undefined })} />
        ) : (
          <EmptyState title={t("tags.noTags")} purpose={t("tags.noTagsPurpose")} />
        )}
      </Flex>
      <Suspense fallback={null}>{wish && <TagForm corp={library.corp} wish={wish} close={() => setWish(null)} asked={setJob} />}</Suspense>
    </Panel>
  );
}
