import { useQuery } from "@tanstack/react-query";
import { Table } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { Loaded } from "@/shared/ui/Loaded";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useFormat, word } from "@/shared/words";

type Reading = Schema<"FreshnessOut">;

const tones = { running: "processing", read: "success", never: "default" } as const;

function stateOf(one: Reading): keyof typeof tones {
  return one.job_id ? "running" : one.read_at ? "read" : "never";
}

/** How fresh each kind of object of a corp is: when it was last read in full, how many there were, what that mended, and whether it is being read. */
export default function Readings({ corp }: { corp: Schema<"CorpOut"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const path = { params: { path: { id: corp.id } } };
  const readings = useQuery({
    queryKey: ["corps", corp.id, "readings"],
    queryFn: () => body(client.GET("/api/corps/{id}/readings", path)),
    refetchInterval: ({ state: { data } }) => (data?.some((one) => one.job_id) ? 2_000 : 60_000),
  });
  const mended = ({ mended: found }: Reading) => {
    if (!found) return "–";
    const total = found.new + found.changed + found.gone;
    return total === 0 ? t("readings.nothing") : t("readings.mended", { total: format.count(total).full, new: found.new, changed: found.changed, gone: found.gone });
  };
  return (
    <section aria-label={t("readings.title")} className="doctor">
      <h3>{t("readings.title")}</h3>
      <p className="page-note">{t("readings.note")}</p>
      <Loaded query={readings}>
        {(rows) => (
          <Table<Reading>
            aria-label={t("readings.title")}
            size="small"
            rowKey="object"
            dataSource={rows}
            pagination={false}
            scroll={{ x: "max-content" }}
            columns={[
              { key: "object", title: t("readings.object"), render: (_, row) => word("readings.objects", row.object) },
              { key: "read_at", title: t("readings.readAt"), render: (_, row) => (row.read_at ? format.moment(row.read_at) : "–") },
              { key: "total", title: t("readings.total"), align: "right", render: (_, row) => (row.read_at ? format.count(row.total).full : "–") },
              { key: "mended", title: t("readings.found"), render: (_, row) => mended(row) },
              { key: "state", title: t("readings.state"), render: (_, row) => <StatusTag group="readings.states" code={stateOf(row)} tone={tones[stateOf(row)]} /> },
            ]}
          />
        )}
      </Loaded>
    </section>
  );
}
