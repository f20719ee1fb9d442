import { SafetyCertificateOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { useMay } from "@/shared/session";
import { EmptyState } from "@/shared/ui/EmptyState";
import { FilterBar, SelectFilter } from "@/shared/ui/FilterBar";
import { useList } from "@/shared/ui/list";
import { ListPage } from "@/shared/ui/ListPage";
import { useAct } from "@/shared/useAct";
import { problemText, useFormat, word, wordsOf } from "@/shared/words";

type Entry = Schema<"AuditEntry">;
const names = ["act", "actor"] as const;

/** Who did what and when, in a chain that shows any later change. */
export default function Audit() {
  const { t } = useTranslation();
  const format = useFormat();
  const list = useList<Entry>({ queryKey: ["audit"], names, load: (query) => body(client.GET("/api/audit", { params: { query } })) });
  const verify = useAct({ mutationFn: () => body(client.GET("/api/audit/verify")) });
  const accounts = useQuery({ queryKey: ["accounts", "names"], queryFn: () => body(client.GET("/api/accounts", { params: { query: { limit: 200 } } })), enabled: useMay("accounts.read") });
  const people = [...(accounts.data?.items.map((one) => ({ value: one.id, label: one.name })) ?? []), { value: "system", label: t("common.system") }];
  const problem = verify.error instanceof ApiError ? problemText(verify.error, t) : null;
  return (
    <ListPage
      title={t("menu.audit")}
      note={t("audit.note")}
      list={list}
      rowKey="seq"
      actions={
        <Button icon={<SafetyCertificateOutlined aria-hidden />} loading={verify.isPending} onClick={() => verify.mutate()}>
          {t("audit.verify")}
        </Button>
      }
      filters={
        <>
          <div aria-live="polite">
            {problem && <Alert type="error" showIcon title={problem.title} description={problem.advice} className="form-alert" />}
            {verify.data && (
              <Alert
                type={verify.data.ok ? "success" : "error"}
                showIcon
                closable
                className="form-alert"
                title={verify.data.ok ? t("audit.whole", { entries: format.count(verify.data.entries).full }) : t("audit.broken", { seq: verify.data.broken_at })}
              />
            )}
          </div>
          <FilterBar names={names}>
            <SelectFilter name="act" label={t("audit.act")} options={wordsOf("acts")} width={200} />
            <SelectFilter name="actor" label={t("audit.actor")} options={people} width={160} />
          </FilterBar>
        </>
      }
      expandable={{
        rowExpandable: (row) => Object.keys(row.detail).length > 0,
        expandedRowRender: (row) => (
          <dl className="audit-detail">
            {Object.entries(row.detail).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd className="break">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
              </div>
            ))}
          </dl>
        ),
      }}
      empty={<EmptyState title={t("audit.empty")} />}
      columns={[
        { key: "seq", title: t("audit.seq"), dataIndex: "seq", align: "right", width: 80 },
        { key: "at", title: t("audit.at"), render: (_, row) => format.moment(row.at) },
        { key: "actor", title: t("audit.actor"), render: (_, row) => row.actor_name ?? word("audit.actors", row.actor) },
        { key: "act", title: t("audit.act"), render: (_, row) => <span title={row.act}>{word("acts", row.act)}</span> },
        { key: "subject", title: t("audit.subject"), render: (_, row) => <Subject subject={row.subject} /> },
        { key: "hash", title: t("audit.hash"), choice: "hidden", render: (_, row) => <code title={row.hash}>{row.hash.slice(0, 12)}</code> },
      ]}
    />
  );
}

/** What was acted on: its kind in words, with the beginning of its id; the whole on pointing. */
function Subject({ subject }: { subject: string }) {
  const [kind = "", ...rest] = subject.split(":");
  const id = rest.join(":");
  return (
    <span title={subject}>
      {word("audit.subjects", kind)} {id && <code className="break">{/^[0-9a-f]{8}-/.test(id) ? id.slice(0, 8) : id}</code>}
    </span>
  );
}
