import { useQuery } from "@tanstack/react-query";
import { Tag } from "antd";

import { body, client } from "../api";
import { usePreferences } from "../preferences";
import type { Choice } from "./FilterBar";
import type { Tone } from "./StatusTag";

/** The brand's lifecycle stages with their names in the language on screen. */
export function useLifecycle() {
  return useQuery({ queryKey: ["lifecycle"], queryFn: () => body(client.GET("/api/lifecycle")), staleTime: 60_000 });
}

export function useStages(): Choice[] {
  const { language } = usePreferences();
  const lifecycle = useLifecycle();
  return lifecycle.data?.stages.map((stage) => ({ value: stage.key, label: language === "zh-CN" ? stage.zh : stage.en })) ?? [];
}

const stageTones: Record<string, Tone> = { at_risk: "warning", lost: "default", super_user: "success", maintained: "success", newly_converted: "processing", won_back: "processing" };

export function StageTag({ stage }: { stage: string }) {
  const name = useStages().find((one) => one.value === stage)?.label ?? stage;
  return <Tag color={stageTones[stage] ?? "default"}>{name}</Tag>;
}

/** Tones of a customer's contact with the brand's staff. */
export const contactTones: Record<string, Tone> = { yes: "success", active: "success", no: "default", none: "default", lost: "warning", deleted: "warning" };
