import { Tag } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { EmptyState } from "@/shared/ui/EmptyState";
import { FilterBar, SelectFilter } from "@/shared/ui/FilterBar";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Panel } from "@/shared/ui/Panel";
import { PersonLink } from "@/shared/ui/PersonLink";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useFormat, word } from "@/shared/words";

const names = ["state", "reason"] as const;
const states = ["planned", "reserved", "in_call", "task", "sent", "skipped", "expired", "cancelled"] as const;
const reasons = ["holdout", "opted_out", "no_relation", "sender_left", "sender_disabled", "sender_not_activated", "sender_no_permission", "sender_no_licence", "frequency_cap", "recently_reached_elsewhere", "quiet_hours", "blocked_words", "not_friend", "over_limit", "expired", "stopped"] as const;

/** Everyone of a broadcast by name: their arm, how far their message came, and why not further. */
export default function Recipients({ id }: { id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const list = useList<Schema<"RecipientOut">>({
    queryKey: ["broadcasts", id, "recipients"],
    names,
    load: (query) => body(client.GET("/api/broadcasts/{id}/recipients", { params: { path: { id }, query } })),
  });
  return (
    <Panel>
      <FilterBar names={names}>
        <SelectFilter name="state" label={t("broadcasts.state")} options={states.map((value) => ({ value, label: word("recipientStates", value) }))} />
        <SelectFilter name="reason" label={t("broadcasts.reason")} options={reasons.map((value) => ({ value, label: word("refusals", value) }))} width={180} />
      </FilterBar>
      <ListTable
        list={list}
        label={t("broadcasts.tabs.people")}
        rowKey="customer_id"
        empty={<EmptyState title={t("broadcasts.noRecipients")} purpose={t("broadcasts.noResultPurpose")} />}
        columns={[
          { key: "customer", title: t("orders.customer"), render: (_, row) => <PersonLink id={row.customer_id} name={row.customer_name} avatar /> },
          { key: "arm", title: t("broadcasts.arm"), render: (_, row) => <Tag>{word("broadcasts.arms", row.arm)}</Tag> },
          { key: "state", title: t("broadcasts.state"), render: (_, row) => <StatusTag group="recipientStates" code={row.arm === "holdout" ? "holdout" : row.state} /> },
          { key: "reason", title: t("broadcasts.reason"), render: (_, row) => (row.reason ? word("refusals", row.reason) : "–") },
          { key: "staff", title: t("common.staff"), render: (_, row) => row.staff?.name ?? "–" },
          { key: "sent", title: t("broadcasts.sentAt"), render: (_, row) => format.moment(row.sent_at) },
        ]}
      />
    </Panel>
  );
}
