import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Segmented, Skeleton, Timeline as Steps } from "antd";
import { useTranslation } from "react-i18next";

import { body, client } from "@/shared/api";
import { usePreferences } from "@/shared/preferences";
import { EmptyState, NoHit } from "@/shared/ui/EmptyState";
import { ErrorState } from "@/shared/ui/ErrorState";
import { useSlow } from "@/shared/ui/Loaded";
import { useUrlState } from "@/shared/urlState";
import { useFormat } from "@/shared/words";

const kinds = ["order", "contact", "group", "message", "link", "consent"] as const;

/** Everything that happened with one customer, newest first, in sentences. */
export default function Timeline({ id }: { id: string }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const format = useFormat();
  const [state, set] = useUrlState();
  const kind = kinds.find((one) => one === state["kind"]);
  const entries = useInfiniteQuery({
    queryKey: ["customers", id, "timeline", kind],
    queryFn: ({ pageParam }) =>
      body(client.GET("/api/customers/{id}/timeline", { params: { path: { id }, query: { ...(kind ? { kind } : {}), ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });
  const slow = useSlow(entries.isPending);
  const all = entries.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <Segmented
        value={kind ?? "all"}
        options={[{ value: "all", label: t("customers.kinds.all") }, ...kinds.map((value) => ({ value, label: t(`customers.kinds.${value}`) }))]}
        onChange={(value) => set({ kind: value === "all" ? undefined : value })}
        className="timeline-kinds"
      />
      {entries.isPending ? slow && <Skeleton active paragraph={{ rows: 6 }} /> : null}
      {entries.isError && <ErrorState error={entries.error} retry={() => void entries.refetch()} />}
      {entries.isSuccess && all.length === 0 && (kind ? <NoHit clear={() => set({ kind: undefined })} /> : <EmptyState title={t("customers.noEvents")} purpose={t("customers.noEventsPurpose")} />)}
      <Steps
        items={all.map((entry) => ({
          key: entry.id,
          content: (
            <div>
              <div>{language === "zh-CN" ? entry.text_zh : entry.text_en}</div>
              <div className="page-note">
                <time dateTime={entry.at}>{format.moment(entry.at)}</time>
              </div>
            </div>
          ),
        }))}
      />
      {entries.hasNextPage && (
        <Button block loading={entries.isFetchingNextPage} onClick={() => void entries.fetchNextPage()}>
          {t("common.more")}
        </Button>
      )}
    </>
  );
}
