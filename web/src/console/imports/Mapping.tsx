import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Col, Form, Input, Radio, Row, Select, Switch, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { usePreferences } from "@/shared/preferences";
import { Loaded } from "@/shared/ui/Loaded";
import { Panel } from "@/shared/ui/Panel";
import { useAct } from "@/shared/useAct";
import { problemText, useFormat, word } from "@/shared/words";
import { doubled, missing } from "./mappingChecks";

type ImportAnswer = Schema<"Import">;
type Encoding = Schema<"EncodingIn">["encoding"];

const encodings = ["utf-8", "gb18030", "cp950", "cp932", "cp949", "cp1252", "utf-16"] as const satisfies readonly Encoding[];

/** Which column of the file means what. The guess is shown with samples and can be corrected; it is remembered for files with the same headings. */
export default function Mapping({ one, started }: { one: ImportAnswer; started: (next: ImportAnswer) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { language } = usePreferences();
  const [mapping, setMapping] = useState(one.mapping);
  const [options, setOptions] = useState(one.options);
  const fields = useQuery({ queryKey: ["imports", "fields"], queryFn: () => body(client.GET("/api/imports/fields")), staleTime: Number.POSITIVE_INFINITY });
  const check = useAct({
    mutationFn: async () => {
      const path = { import_id: one.id };
      await client.PUT("/api/imports/{import_id}/mapping", { params: { path }, body: { mapping, options } });
      return body(client.POST("/api/imports/{import_id}/check", { params: { path } }));
    },
    onSuccess: started,
  });
  const queries = useQueryClient();
  const encoding = one.encoding?.replace(/-(sig|le|be)$/, "");
  const recode = useAct({
    mutationFn: (encoding: Encoding) => body(client.PUT("/api/imports/{import_id}/encoding", { params: { path: { import_id: one.id } }, body: { encoding } })),
    onSuccess: (next) => queries.setQueryData(["imports", one.id], next),
  });
  const unreadable = recode.error instanceof ApiError ? problemText(recode.error, t) : null;
  const problem = check.error instanceof ApiError ? problemText(check.error, t) : null;
  const samples = new Map(one.columns.map((column) => [column.name, column.samples]));
  const twice = doubled(mapping);
  const nameOf = (field: Schema<"ImportField">) => (language === "zh-CN" ? field.zh : field.en);
  return (
    <Loaded query={fields}>
      {(all) => {
        const lacking = missing(all, mapping);
        return (
          <Row gutter={[16, 16]}>
            <Col xs={24} xl={16}>
              <Panel title={t("imports.mapping")} extra={<Tag color={one.guessed ? "processing" : "success"}>{t(one.guessed ? "imports.guessed" : "imports.remembered")}</Tag>}>
                {one.encoding_doubtful && (
                  <Alert
                    type="warning"
                    showIcon
                    title={t("imports.encodingDoubtful")}
                    description={t("imports.encodingDoubtfulNote", { encoding: word("imports.encodings", encoding ?? "") })}
                    className="form-alert"
                  />
                )}
                <table className="plain-table mapping">
                  <thead>
                    <tr>
                      <th scope="col">{t("imports.field")}</th>
                      <th scope="col">{t("imports.column")}</th>
                      <th scope="col">{t("imports.samples")}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {all.map((field) => {
                      const column = mapping[field.field] ?? null;
                      return (
                        <tr key={field.field}>
                          <th scope="row">
                            {nameOf(field)} {field.required && <Tag color="error">{t("imports.required")}</Tag>}
                          </th>
                          <td>
                            <Select
                              aria-label={t("imports.columnFor", { field: nameOf(field) })}
                              allowClear
                              showSearch
                              className="mapping-column"
                              placeholder={t("imports.noColumn")}
                              status={(field.required && !column) || twice.has(column ?? "") ? "error" : ""}
                              value={column}
                              options={one.columns.map(({ name }) => ({ value: name, label: name }))}
                              onChange={(chosen: string | null) => setMapping({ ...mapping, [field.field]: chosen ?? null })}
                            />
                          </td>
                          <td className="page-note mapping-samples">{(samples.get(column ?? "") ?? []).slice(0, 3).join(" · ") || "–"}</td>
                        </tr>
                      );
                    })}
                  </tbody>
                </table>
              </Panel>
            </Col>
            <Col xs={24} xl={8}>
              <Panel title={t("imports.options")}>
                <Form layout="vertical">
                  {one.format === "csv" && (
                    <Form.Item
                      label={t("imports.encoding")}
                      htmlFor="import-encoding"
                      extra={t("imports.encodingNote")}
                      validateStatus={unreadable ? "error" : ""}
                      help={unreadable && `${unreadable.title}：${unreadable.advice}`}
                    >
                      <Select
                        id="import-encoding"
                        aria-label={t("imports.encoding")}
                        value={encoding}
                        loading={recode.isPending}
                        options={encodings.map((value) => ({ value, label: word("imports.encodings", value) }))}
                        onChange={(chosen: string) => recode.mutate(chosen as Encoding)}
                      />
                    </Form.Item>
                  )}
                  <Form.Item label={t("imports.shop")} htmlFor="import-shop" extra={t("imports.shopNote")}>
                    <Input id="import-shop" value={options.shop} maxLength={60} onChange={(event) => setOptions({ ...options, shop: event.target.value })} />
                  </Form.Item>
                  <Form.Item label={t("imports.timezone")} htmlFor="import-zone" extra={t("imports.timezoneNote")}>
                    <Input id="import-zone" value={options.timezone} onChange={(event) => setOptions({ ...options, timezone: event.target.value })} />
                  </Form.Item>
                  <Form.Item label={t("imports.moneyUnit")}>
                    <Radio.Group
                      aria-label={t("imports.moneyUnit")}
                      value={options.money_unit}
                      options={[
                        { value: "yuan", label: t("imports.yuan") },
                        { value: "fen", label: t("imports.fen") },
                      ]}
                      onChange={(event) => setOptions({ ...options, money_unit: event.target.value as "yuan" | "fen" })}
                    />
                  </Form.Item>
                  <Form.Item label={t("imports.keepAnonymous")} htmlFor="import-anonymous" extra={t("imports.keepAnonymousNote")}>
                    <Switch id="import-anonymous" checked={options.keep_anonymous} onChange={(on) => setOptions({ ...options, keep_anonymous: on })} />
                  </Form.Item>
                  <Form.Item label={t("imports.dayFirst")} htmlFor="import-day-first" extra={t("imports.dayFirstNote")}>
                    <Switch id="import-day-first" checked={options.day_first} onChange={(on) => setOptions({ ...options, day_first: on })} />
                  </Form.Item>
                </Form>
                <p className="page-note">
                  {t("imports.fileFacts", { format: one.format.toUpperCase(), encoding: encoding ? word("imports.encodings", encoding) : "–", size: format.bytes(one.size_bytes) })}
                </p>
                {lacking.length > 0 && <Alert type="error" showIcon title={t("imports.lacking", { fields: lacking.map(nameOf).join(t("common.listComma")) })} className="form-alert" />}
                {twice.size > 0 && <Alert type="warning" showIcon title={t("imports.doubled", { columns: [...twice].join(t("common.listComma")) })} className="form-alert" />}
                {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
                <Button type="primary" block disabled={lacking.length > 0} loading={check.isPending} onClick={() => check.mutate()}>
                  {t("imports.check")}
                </Button>
                <p className="page-note">{t("imports.checkNote")}</p>
              </Panel>
            </Col>
          </Row>
        );
      }}
    </Loaded>
  );
}
