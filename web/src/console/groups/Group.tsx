import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Descriptions, Flex } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { Definition } from "@/shared/ui/Definition";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useFormat } from "@/shared/words";

import { Days } from "./Days";
import { People } from "./People";

type Detail = Schema<"GroupDetail">;

/** One customer group: what it is, who came and went by way, who is in it and who has left. */
export default function Group() {
  const { t } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const group = useQuery({ queryKey: ["groups", id], queryFn: () => body(client.GET("/api/groups/{id}", { params: { path: { id } } })), refetchInterval: 60_000 });
  return (
    <Page title={group.data ? group.data.name || t("groups.nameless") : "…"} asOf={group.data?.read_at} back={{ to: "/groups", label: t("menu.customerGroups") }}>
      <Loaded query={group}>
        {(data) => (
          <Flex vertical gap={16}>
            <Facts group={data} />
            <Panel title={t("groups.days")}>
              <Days days={data.days} />
            </Panel>
            <People id={id} />
          </Flex>
        )}
      </Loaded>
    </Page>
  );
}

function Facts({ group }: { group: Detail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const figures = ["customers", "strangers", "joinedToday", "leftToday"] as const;
  const values = { customers: group.customers, strangers: group.strangers, joinedToday: group.joined_today, leftToday: group.left_today };
  return (
    <Panel small>
      <dl className="figure-strip">
        {figures.map((key) => (
          <div key={key}>
            <dt>
              {t(`groups.${key}`)} <Definition name={t(`groups.${key}`)}>{t(`groups.definitions.${key}`)}</Definition>
            </dt>
            <dd className="figure">{format.count(values[key]).full}</dd>
          </div>
        ))}
      </dl>
      <Descriptions
        size="small"
        column={{ xs: 1, md: 3 }}
        items={[
          { key: "owner", label: t("groups.owner"), children: group.owner.name },
          { key: "state", label: t("groups.state"), children: <StatusTag group="groups.states" code={group.state} tone={group.state === "active" ? "success" : "default"} /> },
          { key: "created", label: t("common.createdAt"), children: format.moment(group.created_at) },
          ...(group.dismissed_at ? [{ key: "dismissed", label: t("groups.dismissedAt"), children: format.moment(group.dismissed_at) }] : []),
          ...(group.notice ? [{ key: "notice", label: t("groups.notice"), span: "filled" as const, children: group.notice }] : []),
        ]}
      />
    </Panel>
  );
}
