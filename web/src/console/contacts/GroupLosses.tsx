import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { body, client } from "@/shared/api";
import { Definition } from "@/shared/ui/Definition";
import { Go } from "@/shared/ui/Go";
import { Loaded } from "@/shared/ui/Loaded";
import { Panel } from "@/shared/ui/Panel";
import { address } from "@/shared/urlState";
import { useFormat, word } from "@/shared/words";

const parts = ["groups", "owners", "ways"] as const;

/** Customers who left groups in the same days, by group, owner and way. */
export default function GroupLosses({ filters }: { filters: Record<string, string> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { from, to, staff_id: owner } = filters;
  const query = { ...(from ? { from } : {}), ...(to ? { to } : {}), ...(owner ? { owner_id: owner } : {}) };
  const totals = useQuery({ queryKey: ["groups", "leaves", query], queryFn: () => body(client.GET("/api/groups/leaves", { params: { query } })), placeholderData: (before) => before });
  return (
    <Panel
      small
      className="below"
      title={t("losses.leaves.title")}
      extra={<Definition name={t("losses.leaves.title")}>{t("losses.leaves.definition")}</Definition>}
    >
      <Loaded query={totals}>
        {(found) =>
          found.leaves === 0 ? (
            <p className="page-note">{t("losses.leaves.none")}</p>
          ) : (
            <>
              <p>{t("losses.leaves.total", { count: found.leaves, people: format.count(found.leaves).full })}</p>
              <div className="loss-grid">
                {parts.map((part) => (
                  <section key={part} aria-label={t(`losses.leaves.by.${part}`)}>
                    <h3>{t(`losses.leaves.by.${part}`)}</h3>
                    <ol className="loss-counts">
                      {found[part].map((one) => (
                        <li key={one.value}>
                          {part === "groups" ? (
                            <Go to={`/groups/${one.value}`}>{one.name || t("losses.leaves.nameless")}</Go>
                          ) : part === "owners" && one.value ? (
                            <Go to={address("/losses", { ...filters, staff_id: one.value })}>{one.name}</Go>
                          ) : (
                            <span>{part === "ways" ? word("losses.leaves.ways", one.value) : one.name}</span>
                          )}
                          <span className="figure">
                            {format.count(one.leaves).full} · {format.rate(one.leaves / found.leaves)}
                          </span>
                        </li>
                      ))}
                    </ol>
                  </section>
                ))}
              </div>
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}
