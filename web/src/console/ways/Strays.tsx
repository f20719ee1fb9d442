import { useQuery } from "@tanstack/react-query";
import { Table } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { Loaded } from "@/shared/ui/Loaded";
import { Panel } from "@/shared/ui/Panel";
import { useFormat } from "@/shared/words";
import type { Kind } from "./Ways";

/** States under which people came and that no code here explains. */
export function Strays({ kind }: { kind: Kind }) {
  const { t } = useTranslation();
  const format = useFormat();
  const strays = useQuery({ queryKey: ["ways", "strays", kind], queryFn: () => body(client.GET("/api/ways/strays", { params: { query: { kind } } })) });
  return (
    <Loaded query={strays}>
      {(rows) =>
        rows.length > 0 && (
          <Panel small className="below" title={t("ways.strays")}>
            <p className="page-note">{t("ways.straysNote")}</p>
            <Table<Schema<"StrayOut">>
              aria-label={t("ways.strays")}
              size="small"
              rowKey="state"
              dataSource={rows}
              pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false }}
              columns={[
                { key: "state", title: t("ways.state"), render: (_, row) => <code>{row.state}</code> },
                { key: "ever", title: t("ways.ever"), align: "right", render: (_, row) => format.count(row.comings.ever).full },
                { key: "lately", title: t("ways.lately"), align: "right", render: (_, row) => format.count(row.comings.lately).full },
                { key: "standing", title: t("ways.standing"), align: "right", render: (_, row) => format.count(row.comings.standing).full },
              ]}
            />
          </Panel>
        )
      }
    </Loaded>
  );
}
