import { DownloadOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { usePreferences } from "@/shared/preferences";
import { Permitted } from "@/shared/session";
import { useGo } from "@/shared/ui/Go";
import { address, useUrlState } from "@/shared/urlState";
import { useAct } from "@/shared/useAct";
import { problemText, useFormat } from "@/shared/words";

type Kind = Schema<"ExportIn">["format"];

const atOnce = 5000;

interface ExportProps {
  filters: Record<string, string>;
  sort: { key: string | undefined; dir: string | undefined };
  total: number | null;
  columns: string[];
}

/** The list as seen, as a file: the same filters, columns and masks. Large ones become a job. */
export function ExportCustomers({ filters, sort, total, columns }: ExportProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { message, modal } = App.useApp();
  const go = useGo();
  const queries = useQueryClient();
  const [state] = useUrlState();
  const { language } = usePreferences();
  const sorting = { sort: (sort.key ?? "last_paid_at") as Schema<"ExportIn">["sort"], dir: (sort.dir ?? "desc") as Schema<"ExportIn">["dir"] };
  const hidden = new Set((state["hide"] ?? "gender.masked_phone.created_at").split("."));
  const shown = columns.filter((key) => !hidden.has(key));

  const asJob = useAct({
    mutationFn: (format: Kind) => body(client.POST("/api/customers/exports", { body: { format, columns: shown, filter: filters, ...sorting, language } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["jobs"] });
      void message.success(t("customers.exportQueued"));
      go("/jobs");
    },
    onError: (error) => {
      if (error instanceof ApiError) modal.error({ ...contentOf(problemText(error, t)) });
    },
  });
  const start = (kind: Kind) => {
    if (total !== null && total > atOnce) {
      modal.confirm({
        title: t("customers.exportLarge", { people: format.count(total).full }),
        content: t("customers.exportLargeNote", { limit: format.count(atOnce).full }),
        okText: t("customers.exportAsJob"),
        cancelText: t("common.cancel"),
        onOk: () => asJob.mutateAsync(kind),
      });
      return;
    }
    window.location.assign(address("/api/customers/export", { ...filters, sort: sort.key, dir: sort.dir, format: kind, columns: shown.join(","), language }));
  };
  return (
    <Permitted permission="customers.export">
      <Dropdown
        trigger={["click"]}
        menu={{
          items: [
            { key: "csv", label: t("customers.exportCsv"), onClick: () => start("csv") },
            { key: "xlsx", label: t("customers.exportXlsx"), onClick: () => start("xlsx") },
          ],
        }}
      >
        <Button icon={<DownloadOutlined aria-hidden />} loading={asJob.isPending}>
          {t("common.export")}
        </Button>
      </Dropdown>
    </Permitted>
  );
}

function contentOf({ title, advice }: { title: string; advice: string }) {
  return { title, content: advice };
}
