import { Table, Tag } from "antd";
import { useTranslation } from "react-i18next";

import type { Schema } from "@/shared/api";
import { usePreferences } from "@/shared/preferences";
import { Definition } from "@/shared/ui/Definition";
import { useFormat, word } from "@/shared/words";

const counts = ["rows", "orders", "customers", "refunds", "rejected", "new_orders", "changed_orders", "unchanged_orders"] as const;

/** What a file holds and what is wrong with it: counts, reasons, the first hundred rows that cannot be taken, and those that are taken otherwise than written. */
export default function Report({ report }: { report: Schema<"ImportReport"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <dl className="figure-strip">
        {counts.map((name) => (
          <div key={name}>
            <dt>
              {t(`imports.report.${name}`)} <Definition name={t(`imports.report.${name}`)}>{t(`imports.report.${name}Definition`)}</Definition>
            </dt>
            <dd className="figure">{format.count(report[name]).full}</dd>
          </div>
        ))}
        <div>
          <dt>{t("imports.report.revenue")}</dt>
          <dd className="figure" title={format.sum(report.revenue).full}>
            {format.sum(report.revenue).short}
          </dd>
        </div>
        <div>
          <dt>{t("imports.report.span")}</dt>
          <dd className="figure figure-small">
            {format.day(report.first_paid_at)} – {format.day(report.last_paid_at)}
          </dd>
        </div>
      </dl>
      <Rows title={t("imports.problems")} label={t("imports.firstProblems", { count: report.problems.length })} said={t("imports.problem")} color="warning" counts={report.problems_by_code} rows={report.problems} />
      <Rows title={t("imports.notices")} label={t("imports.firstNotices", { count: report.notices.length })} said={t("imports.notice")} color="processing" counts={report.notices_by_code} rows={report.notices} />
    </>
  );
}

interface RowsProps {
  title: string;
  label: string;
  /** Heading of what is said of a row. */
  said: string;
  color: string;
  counts: Record<string, number>;
  rows: Schema<"ImportProblem">[];
}

/** What is said of rows: how often each thing, and the first of them. */
function Rows({ title, label, said, color, counts, rows }: RowsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { language } = usePreferences();
  const byCode = Object.entries(counts);
  if (byCode.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <p className="tags">
        {byCode.map(([code, count]) => (
          <Tag key={code} color={color}>
            {word("importProblems", code)} · {format.count(count).full}
          </Tag>
        ))}
      </p>
      <Table
        size="small"
        aria-label={label}
        title={() => label}
        rowKey={(row) => `${row.row}-${row.column}-${row.code}-${row.value}`}
        dataSource={rows}
        pagination={{ pageSize: 10, showSizeChanger: false, hideOnSinglePage: true }}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t("imports.row"), dataIndex: "row", key: "row", align: "right" },
          { title: t("imports.column"), dataIndex: "column", key: "column", render: (value: string | null) => value ?? "–" },
          { title: t("imports.value"), dataIndex: "value", key: "value", render: (value: string | null) => <code className="break">{value ?? "–"}</code> },
          { title: said, key: "said", render: (_, row) => (language === "zh-CN" ? row.zh : row.en) },
        ]}
      />
    </section>
  );
}
