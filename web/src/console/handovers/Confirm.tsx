import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Flex, Table } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { useGo } from "@/shared/ui/Go";
import { Loaded } from "@/shared/ui/Loaded";
import { Panel } from "@/shared/ui/Panel";
import { address } from "@/shared/urlState";
import { useAct, useKeys } from "@/shared/useAct";
import { problemText, useFormat, word } from "@/shared/words";
import { Start } from "./Start";

/** The last step: what will happen, what cannot, and the button that begins it. */
export default function Confirm({ wish, back }: { wish: Schema<"HandoverIn">; back: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const go = useGo();
  const queries = useQueryClient();
  const keys = useKeys();
  const preview = useQuery({ queryKey: ["handovers", "preview", wish], queryFn: () => body(client.POST("/api/handovers/preview", { body: wish })), gcTime: 0 });
  const plan = useAct({
    mutationFn: () => body(client.POST("/api/handovers", { body: wish, headers: keys(wish) })),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ["handovers"] });
      const [first] = made;
      go(made.length === 1 && first ? `/handovers/${first.id}` : address("/handovers", wish.kind === "resigned" ? { tab: wish.kind } : {}));
    },
  });
  const problem = plan.error instanceof ApiError ? problemText(plan.error, t) : null;
  return (
    <Panel title={t("handovers.steps.confirm")}>
      <Loaded query={preview}>
        {(seen) => {
          const people = format.count(seen.ready).full;
          return (
            <Flex vertical gap={16}>
              <p>{t("handovers.summary", { giver: seen.giver.name, found: format.count(seen.found).full, ready: people })}</p>
              {Object.entries(seen.hindered).map(([code, count]) => (
                <Alert key={code} type="warning" showIcon title={t("handovers.hindered", { people: format.count(count).full, reason: word("handovers.hindrances", code) })} />
              ))}
              {seen.more && <Alert type="warning" showIcon title={t("handovers.more", { most: format.count(seen.found).full })} />}
              <Table<Schema<"PartOut">>
                aria-label={t("handovers.takers")}
                size="middle"
                rowKey={(row) => row.taker.id}
                dataSource={seen.parts}
                pagination={false}
                columns={[
                  { key: "taker", title: t("handovers.taker"), render: (_, row) => row.taker.name },
                  { key: "customers", title: t("handovers.has"), align: "right", render: (_, row) => format.count(row.customers).full },
                  { key: "share", title: t("handovers.gets"), align: "right", render: (_, row) => format.count(row.share).full },
                  { key: "full", title: t("handovers.limit"), render: (_, row) => (row.full_at ? t("handovers.fullAt", { time: format.moment(row.full_at) }) : "–") },
                ]}
              />
              <Alert type="info" showIcon title={t("handovers.rules")} />
              {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} />}
              <Flex gap={8} justify="flex-end">
                <Button onClick={back}>{t("common.back")}</Button>
                <Start ready={seen.ready} touches={t("common.peopleCount", { count: seen.ready, people })} consequence={t("handovers.consequence")} understood={t("common.peopleChecked")} plan={plan} />
              </Flex>
            </Flex>
          );
        }}
      </Loaded>
    </Panel>
  );
}
