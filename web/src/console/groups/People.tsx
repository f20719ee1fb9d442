import { Segmented, Tag } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { EmptyState } from "@/shared/ui/EmptyState";
import { FilterBar, SelectFilter } from "@/shared/ui/FilterBar";
import { useList, type ListQuery } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Panel } from "@/shared/ui/Panel";
import { PersonLink } from "@/shared/ui/PersonLink";
import { useUrlState } from "@/shared/urlState";
import { useFormat, word } from "@/shared/words";

type Person = Schema<"PersonOut"> & { key: string };

const names = ["kind"] as const;
const kinds = ["customer", "staff"] as const;

/** Who is in a group, or who has left it, with the way in and the way out. */
export function People({ id }: { id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [state, set] = useUrlState();
  const inside = state["people"] !== "left";
  const load = async (query: ListQuery) => {
    const page = await body(client.GET("/api/groups/{id}/members", { params: { path: { id }, query: { ...query, inside } } }));
    return { ...page, items: page.items.map((one) => ({ ...one, key: `${one.member}:${one.joined_at}` })) };
  };
  const list = useList<Person>({ queryKey: ["groups", id, "members", inside], names, load });
  return (
    <Panel title={t("groups.people")}>
      <Segmented
        value={inside ? "in" : "left"}
        options={[
          { value: "in", label: t("groups.inside") },
          { value: "left", label: t("groups.gone") },
        ]}
        onChange={(value) => set({ people: value === "left" ? "left" : undefined, cursor: undefined })}
      />
      <FilterBar names={names}>
        <SelectFilter name="kind" label={t("groups.kind")} options={kinds.map((value) => ({ value, label: word("groups.kinds", value) }))} />
      </FilterBar>
      <ListTable
        list={list}
        label={t("groups.people")}
        rowKey="key"
        empty={<EmptyState title={inside ? t("groups.nobody") : t("groups.nobodyLeft")} />}
        columns={[
          { key: "name", title: t("groups.person"), render: (_, row) => <Name person={row} /> },
          { key: "kind", title: t("groups.kind"), render: (_, row) => word("groups.kinds", row.kind) },
          { key: "joined", title: t("groups.joinedAt"), render: (_, row) => format.moment(row.joined_at) },
          { key: "way", title: t("groups.way"), render: (_, row) => word("groups.ways", String(row.way)) },
          { key: "by", title: t("groups.invitedBy"), choice: "shown", render: (_, row) => row.invited_by || "–" },
          { key: "channel", title: t("groups.channel"), choice: "hidden", render: (_, row) => row.state || "–" },
          ...(inside
            ? []
            : [
                { key: "left", title: t("groups.leftAt"), render: (_: unknown, row: Person) => format.moment(row.left_at) },
                { key: "ended", title: t("groups.ended"), render: (_: unknown, row: Person) => (row.ended ? word("groups.ends", row.ended) : "–") },
              ]),
        ]}
      />
    </Panel>
  );
}

function Name({ person }: { person: Person }) {
  const { t } = useTranslation();
  const name = person.nickname || person.name || person.member;
  return (
    <>
      {person.customer_id ? <PersonLink id={person.customer_id} name={name} /> : name} {person.kind === "customer" && !person.contact && <Tag>{t("groups.stranger")}</Tag>}
    </>
  );
}
