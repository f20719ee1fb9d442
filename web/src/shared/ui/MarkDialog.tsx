import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Flex, Form, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "../api";
import { useAct, useKeys } from "../useAct";
import { problemText, useFormat, word } from "../words";
import { GoButton } from "./Go";
import { JobProgress } from "./JobProgress";

/** Customers by id, with the member when only the relation to that one is meant; or everybody whom a filter of the list chooses. */
export type Whom = { customer_ids: string[]; staff_id?: string } | { filter: Record<string, unknown> };

/** Asks which tags to put on and which to take off, says whom it concerns, and has WeCom do it. */
export default function MarkDialog({ whom, close }: { whom: Whom; close: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const keys = useKeys();
  const [add, setAdd] = useState<string[]>([]);
  const [remove, setRemove] = useState<string[]>([]);
  const [asked, setAsked] = useState<Schema<"AskedMarking"> | null>(null);
  const libraries = useQuery({ queryKey: ["tags"], queryFn: () => body(client.GET("/api/tags")) });
  const wish = { add, remove, customer_ids: null, filter: null, staff_id: null, ...whom };
  const isGiven = add.length + remove.length > 0;
  const preview = useQuery({
    queryKey: ["markings", "preview", wish],
    queryFn: () => body(client.POST("/api/markings/preview", { body: wish })),
    enabled: isGiven && asked === null,
    retry: false,
    gcTime: 0,
  });
  const ask = useAct({ mutationFn: () => body(client.POST("/api/markings", { body: wish, headers: keys(wish) })), onSuccess: setAsked });
  const failed = ask.error ?? preview.error;
  const problem = failed instanceof ApiError ? problemText(failed, t) : null;
  const options = (libraries.data ?? []).flatMap((library) =>
    library.groups.flatMap((group) => group.tags.map((tag) => ({ value: tag.id, label: `${group.exclusive ? t("markings.exclusiveGroup", { name: group.name }) : group.name} / ${tag.name}` }))),
  );
  const select = { mode: "multiple" as const, showSearch: { optionFilterProp: "label" }, loading: libraries.isPending, options };
  const over = () => Promise.all(["customers", "tags", "markings"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  if (asked)
    return (
      <Modal open title={t("markings.title")} footer={null} onCancel={close}>
        <Flex vertical gap={12}>
          <JobProgress id={asked.job_id} onOver={() => void over()} />
          <GoButton to={`/markings/${asked.id}`}>{t("markings.open")}</GoButton>
        </Flex>
      </Modal>
    );
  return (
    <Modal
      open
      title={t("markings.title")}
      okText={t("markings.ask")}
      cancelText={t("common.cancel")}
      okButtonProps={{ disabled: !preview.data || preview.data.changing === 0 }}
      confirmLoading={ask.isPending}
      onOk={() => ask.mutate()}
      onCancel={close}
    >
      <Form layout="vertical">
        {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} className="form-alert" />}
        <Form.Item label={t("markings.add")} htmlFor="marking-add" extra={t("markings.addNote")}>
          <Select id="marking-add" {...select} value={add} onChange={setAdd} />
        </Form.Item>
        <Form.Item label={t("markings.remove")} htmlFor="marking-remove">
          <Select id="marking-remove" {...select} value={remove} onChange={setRemove} />
        </Form.Item>
        {preview.data && isGiven && <Concerned seen={preview.data} />}
      </Form>
    </Modal>
  );
}

function Concerned({ seen }: { seen: Schema<"MarkingPreview"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [customers, changing, unchanged] = [seen.customers, seen.changing, seen.unchanged].map((value) => format.count(value).full);
  return (
    <div aria-live="polite">
      <p>{t("markings.concerned", { customers, changing, unchanged })}</p>
      {Object.entries(seen.refused).map(([reason, count]) => (
        <Alert key={reason} type="warning" showIcon title={t("markings.leftOut", { people: format.count(count).full, reason: word("markings.reasons", reason) })} />
      ))}
    </div>
  );
}
