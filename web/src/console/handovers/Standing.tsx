import { Flex } from "antd";

import { StatusTag } from "@/shared/ui/StatusTag";
import { useFormat } from "@/shared/words";

export const states = ["planned", "asking", "waiting", "done", "refused", "full", "failed", "stopped"] as const;
export const tones = { planned: "default", asking: "processing", waiting: "processing", done: "success", refused: "warning", full: "warning", failed: "error", stopped: "default" } as const;

/** Whether WeCom has not said the last word on everybody. */
export function isOpen(counts: Record<string, number>): boolean {
  return ["planned", "asking", "waiting"].some((state) => (counts[state] ?? 0) > 0);
}

/** How many customers of a handover stand where. */
export function Standing({ counts }: { counts: Record<string, number> }) {
  const format = useFormat();
  return (
    <Flex gap={8} wrap>
      {states
        .filter((state) => counts[state])
        .map((state) => (
          <span key={state}>
            <StatusTag group="handovers.states" code={state} tone={tones[state]} />
            <span className="figure">{format.count(counts[state]).full}</span>
          </span>
        ))}
    </Flex>
  );
}
