import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { useMay } from "@/shared/session";
import { Bones } from "@/shared/ui/Bones";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Go } from "@/shared/ui/Go";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useFormat } from "@/shared/words";

const Send = lazy(() => import("./Send"));

type ImportRow = Schema<"Import">;

/** Files of orders: a new one at the top, earlier ones below. */
export default function Imports() {
  const { t } = useTranslation();
  const format = useFormat();
  const mayImport = useMay("imports.write");
  const list = useList<ImportRow>({
    queryKey: ["imports", "list"],
    names: [],
    load: (query) => body(client.GET("/api/imports", { params: { query } })),
    refresh: (rows) => (rows.some((one) => one.state === "importing") ? 2000 : false),
  });
  return (
    <Page title={t("menu.imports")} note={t("imports.note")}>
      {mayImport && (
        <Panel className="above">
          <Suspense fallback={<Bones />}>
            <Send />
          </Suspense>
        </Panel>
      )}
      <Panel title={t("imports.history")}>
        <ListTable
          list={list}
          label={t("imports.history")}
          rowKey="id"
          empty={<EmptyState title={t("imports.empty")} purpose={t("imports.emptyPurpose")} />}
          columns={[
            { key: "file", title: t("imports.file"), render: (_, row) => <Go to={`/imports/${row.id}`}>{row.file_name}</Go> },
            { key: "state", title: t("imports.state"), render: (_, row) => <StatusTag group="imports.states" code={row.state} tone={stateTone(row.state)} /> },
            { key: "size", title: t("imports.size"), align: "right", render: (_, row) => format.bytes(row.size_bytes) },
            { key: "rows", title: t("imports.report.rows"), align: "right", render: (_, row) => format.count(row.report?.rows).full || "–" },
            { key: "orders", title: t("imports.report.orders"), align: "right", render: (_, row) => format.count(row.report?.orders).full || "–" },
            { key: "rejected", title: t("imports.report.rejected"), align: "right", render: (_, row) => format.count(row.report?.rejected).full || "–" },
            { key: "created", title: t("common.createdAt"), render: (_, row) => format.moment(row.created_at) },
          ]}
        />
      </Panel>
    </Page>
  );
}

export function stateTone(state: ImportRow["state"]) {
  return ({ uploaded: "default", checked: "warning", importing: "processing", done: "success", failed: "error", cancelled: "default" } as const)[state];
}
