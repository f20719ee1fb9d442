import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Descriptions, Tag } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { Go } from "@/shared/ui/Go";
import { MarkButton } from "@/shared/ui/MarkButton";
import { contactTones } from "@/shared/ui/Stage";
import { StatusTag } from "@/shared/ui/StatusTag";
import { address } from "@/shared/urlState";
import { useFormat, word } from "@/shared/words";

type Relation = Schema<"RelationOut">;

const kinds = ["corp", "personal", "strategy"] as const;

/** Which members know the customer, how each came by them, what each notes, and whose tags are on it. */
export function Relations({ customer, relations }: { customer: string; relations: readonly Relation[] }) {
  const { t } = useTranslation();
  useLook(customer, relations);
  return (
    <section aria-labelledby="relations">
      <h2 className="section-title" id="relations">
        {t("customers.relations")}
      </h2>
      {relations.filter((one) => one.state === "active").length > 1 && <MarkButton small whom={{ customer_ids: [customer] }} label={t("customers.markAll")} />}
      {relations.length === 0 ? (
        <p className="page-note">{t("customers.noRelations")}</p>
      ) : (
        <ul className="plain-list">
          {relations.map((relation) => (
            <li key={relation.id}>
              <OneRelation customer={customer} relation={relation} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Has WeCom asked about a customer who is opened: only that tells the members' own tags. The answer is there a few seconds later. */
function useLook(customer: string, relations: readonly Relation[]) {
  const queries = useQueryClient();
  const isFriend = relations.some((one) => one.state === "active");
  const look = useQuery({
    queryKey: ["looks", customer],
    queryFn: () => body(client.POST("/api/customers/{id}/look", { params: { path: { id: customer } } })),
    enabled: isFriend,
    staleTime: 3_600_000,
    retry: false,
  });
  const looked = relations.map((one) => one.looked_at).join();
  const [before] = useState(looked);
  const isAnswered = looked !== before;
  useEffect(() => {
    if (!look.data?.asked || isAnswered) return undefined;
    let left = 5;
    const timer = setInterval(() => {
      left -= 1;
      if (left === 0) clearInterval(timer);
      void queries.invalidateQueries({ queryKey: ["customers", customer], exact: true });
    }, 2000);
    return () => clearInterval(timer);
  }, [look.data, isAnswered, customer, queries]);
}

function OneRelation({ customer, relation }: { customer: string; relation: Relation }) {
  const { t } = useTranslation();
  const format = useFormat();
  const came = [
    t("customers.addedAt", { time: format.moment(relation.since) }),
    relation.ended_at && t("customers.endedAt", { time: format.moment(relation.ended_at) }),
    relation.add_way && word("addWays", String(relation.add_way)),
    relation.channel && t("customers.channel", { name: relation.channel.name || relation.channel.state }),
  ];
  const noted = { remark: relation.remark, description: relation.description, company: relation.company, phones: relation.phones.join(t("common.listComma")) };
  const notes = Object.entries(noted).filter(([, text]) => text);
  return (
    <>
      <Go to={address("/customers", { staff_id: relation.staff.id })}>{relation.staff.name}</Go> <StatusTag group="contactStates" code={relation.state} tone={contactTones[relation.state] ?? "default"} />
      <div className="page-note">{came.filter(Boolean).join(" · ")}</div>
      {notes.length > 0 && <Descriptions column={1} size="small" items={notes.map(([key, text]) => ({ key, label: word("customers.noted", key), children: <span className="break">{text}</span> }))} />}
      {kinds.map((kind) => (
        <TagsOf key={kind} label={word("customers.tagsBy", kind)} tags={relation.tags.filter((tag) => tag.by === kind)} />
      ))}
      {relation.state === "active" && <div className="page-note">{relation.looked_at ? t("customers.lookedAt", { time: format.moment(relation.looked_at) }) : t("customers.neverLooked")}</div>}
      {relation.state === "active" && <MarkButton small whom={{ customer_ids: [customer], staff_id: relation.staff.id }} label={t("customers.markOne", { name: relation.staff.name })} />}
    </>
  );
}

function TagsOf({ label, tags }: { label: string; tags: Relation["tags"] }) {
  if (tags.length === 0) return null;
  return (
    <div role="group" aria-label={label}>
      <span className="page-note">{label}</span>{" "}
      {tags.map((tag) => (
        <Tag key={`${tag.group}-${tag.name}`} title={tag.group}>
          {tag.name}
        </Tag>
      ))}
    </div>
  );
}
