import { Flex } from "antd";

import type { Schema } from "@/shared/api";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useFormat } from "@/shared/words";

export const states = ["planned", "done", "unchanged", "refused"] as const;
export const tones = { planned: "processing", done: "success", unchanged: "default", refused: "warning" } as const;

/** How many relations of a marking stand where. */
export function Counts({ counts }: { counts: Schema<"MarkingOut">["counts"] }) {
  const format = useFormat();
  return (
    <Flex gap={8} wrap>
      {states
        .filter((state) => counts[state])
        .map((state) => (
          <span key={state}>
            <StatusTag group="markings.states" code={state} tone={tones[state]} />
            <span className="figure">{format.count(counts[state]).full}</span>
          </span>
        ))}
    </Flex>
  );
}
