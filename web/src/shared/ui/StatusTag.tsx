import { CheckCircleOutlined, ClockCircleOutlined, CloseCircleOutlined, ExclamationCircleOutlined, MinusCircleOutlined, SyncOutlined } from "@ant-design/icons";
import { Tag } from "antd";
import type { ReactNode } from "react";

import { word } from "../words";

export type Tone = "success" | "processing" | "warning" | "error" | "default";

const icons: Record<Tone, ReactNode> = {
  success: <CheckCircleOutlined aria-hidden />,
  processing: <SyncOutlined aria-hidden />,
  warning: <ExclamationCircleOutlined aria-hidden />,
  error: <CloseCircleOutlined aria-hidden />,
  default: <MinusCircleOutlined aria-hidden />,
};

/** Tone of every state that any list shows, by its stable code. */
const tones: Record<string, Tone> = {
  draft: "default",
  awaiting_approval: "warning",
  approved: "processing",
  scheduled: "processing",
  queued: "default",
  running: "processing",
  sending: "processing",
  sent: "success",
  finished: "success",
  done: "success",
  succeeded: "success",
  active: "success",
  paid: "success",
  confirmed: "success",
  delivered: "success",
  proven: "success",
  completed: "success",
  ready: "success",
  partial: "warning",
  partly_refunded: "warning",
  not_proven: "default",
  refunded: "default",
  harmful: "error",
  srm_failed: "error",
  too_early: "processing",
  task: "processing",
  in_call: "processing",
  skipped: "warning",
  expired: "warning",
  rejected: "error",
  failed: "error",
  refused: "warning",
  stale: "warning",
  disabled: "default",
  cancelled: "default",
  unpaid: "default",
  waiting: "warning",
  blocked: "error",
  unreachable: "error",
  unknown: "warning",
};

/** A state in words with a sign of its own, so that colour is never its only mark. `group` is where its words are. */
export function StatusTag({ group, code, tone, params }: { group: string; code: string; tone?: Tone; params?: Record<string, unknown> }) {
  const chosen = tone ?? tones[code] ?? "default";
  const icon = chosen === "default" && /queued|scheduled|waiting/.test(code) ? <ClockCircleOutlined aria-hidden /> : icons[chosen];
  return (
    <Tag color={chosen} icon={icon}>
      {word(group, code, params)}
    </Tag>
  );
}
