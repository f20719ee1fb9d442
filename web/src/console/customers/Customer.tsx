import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { App, Button, Col, Descriptions, Flex, Input, Modal, Row, Skeleton, Tabs, Tag } from "antd";
import type { TFunction } from "i18next";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { place } from "@/shared/format";
import { Permitted } from "@/shared/session";
import { Sum } from "@/shared/ui/Amount";
import { Bones } from "@/shared/ui/Bones";
import { Definition } from "@/shared/ui/Definition";
import { Go } from "@/shared/ui/Go";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { StageTag } from "@/shared/ui/Stage";
import { address, useUrlState } from "@/shared/urlState";
import { useAct } from "@/shared/useAct";
import { problemText, useFormat, word } from "@/shared/words";

import { Relations } from "./Relations";

const CustomerOrders = lazy(() => import("./CustomerOrders"));
const Timeline = lazy(() => import("./Timeline"));

type CustomerAnswer = Schema<"CustomerOut">;

/** One customer: who, what they bought, what happened, who serves them. */
export default function Customer() {
  const { t } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const customer = useQuery({ queryKey: ["customers", id], queryFn: () => body(client.GET("/api/customers/{id}", { params: { path: { id } } })) });
  const name = customer.data ? (customer.data.name ?? t("customers.nameless", { number: id.slice(-6) })) : "…";
  return (
    <Page title={name} asOf={customer.data?.as_of} back={{ to: "/customers", label: t("menu.customers") }} actions={customer.data && <OptOut customer={customer.data} />}>
      <Loaded query={customer} skeleton={<Skeleton active avatar paragraph={{ rows: 10 }} />}>
        {(data) => (
          <Row gutter={[16, 16]}>
            <Col xs={24} lg={8} xxl={6}>
              <Profile customer={data} name={name} />
            </Col>
            <Col xs={24} lg={16} xxl={18}>
              <Flex vertical gap={16}>
                <Figures customer={data} />
                <Details id={id} customer={data} />
              </Flex>
            </Col>
          </Row>
        )}
      </Loaded>
    </Page>
  );
}

function Profile({ customer, name }: { customer: CustomerAnswer; name: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { profile, rfm } = customer;
  return (
    <Panel>
      <Flex gap={12} align="center" className="profile-head">
        <span className="face face-large" aria-hidden>
          {name.slice(-2)}
        </span>
        <div>
          <strong className="profile-name">{name}</strong>
          <Flex gap={4} wrap>
            {customer.stage && <StageTag stage={customer.stage} />}
            {customer.opted_out && <Tag color="error">{t("customers.optedOut")}</Tag>}
          </Flex>
        </div>
      </Flex>
      <Descriptions
        column={1}
        size="small"
        items={[
          { key: "rfm", label: t("filters.rfm_name"), children: rfm ? <Go to={address("/customers", { rfm_name: rfm.name })}>{`${word("rfmNames", rfm.name)} (R${rfm.r} F${rfm.f} M${rfm.m})`}</Go> : "–" },
          { key: "place", label: t("filters.city"), children: place(profile.province, profile.city) },
          { key: "gender", label: t("customers.gender"), children: profile.gender ? word("genders", profile.gender) : "–" },
          { key: "since", label: t("customers.since"), children: format.moment(profile.created_at) },
        ]}
      />
      <h2 className="section-title">{t("customers.identities")}</h2>
      {profile.identities.length === 0 ? (
        <p className="page-note">{t("customers.noIdentities")}</p>
      ) : (
        <ul className="plain-list">
          {profile.identities.map((identity) => (
            <li key={`${identity.namespace}-${identity.masked}`}>
              <span className="page-note">{identityLabel(identity, t)}</span> <span className="figure break">{identity.masked}</span>{" "}
              {identity.verified && <Tag color="success">{t("customers.verified")}</Tag>}
            </li>
          ))}
        </ul>
      )}
      <Relations customer={customer.id} relations={customer.relations} />
    </Panel>
  );
}

/** What kind of mark an identity is, with the corp or shop that it belongs to. */
function identityLabel(identity: CustomerAnswer["profile"]["identities"][number], t: TFunction): string {
  const [kind, whose = ""] = identity.namespace.split(":");
  if (kind === "wecom") return t("customers.wecomCustomer", { corp: identity.corp ?? whose });
  if (kind === "shop") return t("customers.shopCustomer", { shop: whose });
  return word("namespaces", identity.namespace);
}

function Figures({ customer }: { customer: CustomerAnswer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { figures } = customer;
  const items = [
    { key: "revenue", value: <Sum of={figures.revenue} /> },
    { key: "orders", value: format.count(figures.orders).full },
    { key: "aov", value: <Sum of={figures.aov} /> },
    { key: "refunds", value: <Sum of={figures.refunds} /> },
    { key: "margin", value: <Sum of={figures.margin} />, note: figures.margin_assumed ? t("customers.marginAssumed") : null },
    { key: "daysSince", value: figures.days_since === null ? "–" : t("common.days", { count: figures.days_since }), note: format.day(figures.last_paid_at) },
  ] as const;
  return (
    <Panel small>
      <dl className="figure-strip">
        {items.map((item) => (
          <div key={item.key}>
            <dt>
              {t(`customers.figures.${item.key}`)} <Definition name={t(`customers.figures.${item.key}`)}>{t(`customers.figures.${item.key}Definition`)}</Definition>
            </dt>
            <dd className="figure">{item.value}</dd>
            {"note" in item && item.note && <dd className="page-note">{item.note}</dd>}
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function Details({ id, customer }: { id: string; customer: CustomerAnswer }) {
  const { t } = useTranslation();
  const [state, set] = useUrlState();
  return (
    <Panel small>
      <Tabs
        activeKey={state["tab"] ?? "timeline"}
        onChange={(tab) => set({ tab: tab === "timeline" ? undefined : tab, cursor: undefined })}
        destroyOnHidden
        items={[
          { key: "timeline", label: t("customers.timeline"), children: <Suspense fallback={<Bones />}><Timeline id={id} /></Suspense> },
          { key: "orders", label: t("customers.ordersTab", { count: customer.figures.orders }), children: <Suspense fallback={<Bones />}><CustomerOrders id={id} /></Suspense> },
        ]}
      />
    </Panel>
  );
}

/** Opting a customer out of messages, or back in, with the reason that the customer gave. */
function OptOut({ customer }: { customer: CustomerAnswer }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const change = useAct({
    mutationFn: () => client.POST("/api/customers/{id}/opt-out", { params: { path: { id: customer.id } }, body: { on: !customer.opted_out, reason: reason.trim() } }),
    onSuccess: async () => {
      setOpen(false);
      setReason("");
      await queries.invalidateQueries({ queryKey: ["customers", customer.id] });
      void message.success(t(customer.opted_out ? "customers.optedInDone" : "customers.optedOutDone"));
    },
  });
  const problem = change.error instanceof ApiError ? problemText(change.error, t) : null;
  const act = t(customer.opted_out ? "customers.optIn" : "customers.optOut");
  return (
    <>
      <Permitted permission="customers.edit">
        <Button onClick={() => setOpen(true)}>{act}</Button>
      </Permitted>
      <Modal
        open={open}
        title={act}
        okText={act}
        cancelText={t("common.cancel")}
        okButtonProps={{ disabled: !reason.trim() }}
        confirmLoading={change.isPending}
        onOk={() => change.mutate()}
        onCancel={() => setOpen(false)}
      >
        <p>{t(customer.opted_out ? "customers.optInNote" : "customers.optOutNote")}</p>
        <label htmlFor="opt-out-reason">{t("customers.reason")}</label>
        <Input id="opt-out-reason" value={reason} maxLength={200} onChange={(event) => setReason(event.target.value)} />
        {problem && <p role="alert">{problem.title}</p>}
      </Modal>
    </>
  );
}
