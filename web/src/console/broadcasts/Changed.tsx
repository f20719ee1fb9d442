import { Alert } from "antd";
import { useTranslation } from "react-i18next";

import type { Schema } from "@/shared/api";
import { useActorName } from "@/shared/useNames";
import { useFormat, word } from "@/shared/words";

type BroadcastAnswer = Schema<"BroadcastOut">;

/** A broadcast as it was looked at, and as it has become meanwhile. */
export interface Change {
  before: BroadcastAnswer;
  after: BroadcastAnswer;
}

/** Says who changed a broadcast while it was looked at, and what. */
export default function Changed({ change: { before, after }, close }: { change: Change; close: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const actor = useActorName();
  const facts = (one: BroadcastAnswer): [string, string][] => [
    [t("broadcasts.state"), word("broadcasts.states", one.state)],
    [t("broadcasts.name"), one.name],
    [t("broadcasts.segment"), one.segment.name],
    [t("broadcasts.people"), format.count(one.frozen_count).full],
    [t("broadcasts.text"), one.material.text],
    [t("broadcasts.linkUrl"), one.material.link_url ?? ""],
    [t("broadcasts.linkTitle"), one.material.link_title ?? ""],
    [t("broadcasts.purpose"), word("broadcasts.purposes", one.purpose)],
    [t("broadcasts.holdout"), format.rate(one.holdout_bp / 10_000)],
    [t("broadcasts.horizon"), t("common.days", { count: one.horizon_days })],
    [t("broadcasts.sendAt"), one.send_at ? format.moment(one.send_at) : t("broadcasts.now")],
  ];
  const now = facts(after);
  const differing = facts(before).flatMap(([name, was], at) => (now[at]?.[1] === was ? [] : [{ name, was, is: now[at]?.[1] }]));
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      className="above"
      closable={{ onClose: close }}
      title={t("broadcasts.changed", { name: actor(after.changed_by) })}
      description={
        differing.length === 0 ? (
          t("broadcasts.changedNothing")
        ) : (
          <ul className="changed">
            {differing.map(({ name, was, is }) => (
              <li key={name}>
                <b>{name}</b> <del>{was || "–"}</del> → <ins>{is || "–"}</ins>
              </li>
            ))}
          </ul>
        )
      }
    />
  );
}
