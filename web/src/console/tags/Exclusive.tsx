import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Flex } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, client, type Schema } from "@/shared/api";
import { Permitted } from "@/shared/session";
import { useAct } from "@/shared/useAct";
import { problemText, useFormat } from "@/shared/words";

const Clashes = lazy(() => import("./Clashes"));

/** Whether a relation may bear only one tag of a group, and how many bear several all the same. */
export function Exclusive({ corp, group }: { corp: string; group: Schema<"TagGroupOut"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const set = useAct({
    mutationFn: (on: boolean) => client.PUT("/api/tags/{corp}/{group}/exclusive", { params: { path: { corp, group: group.id } }, body: { on } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["tags"] }),
  });
  const problem = set.error instanceof ApiError ? problemText(set.error, t) : null;
  return (
    <Flex gap={8} align="center" wrap className="below">
      <Permitted permission="tags.write">
        <Checkbox checked={group.exclusive} disabled={set.isPending} onChange={(event) => set.mutate(event.target.checked)}>
          {t("tags.exclusive")}
        </Checkbox>
      </Permitted>
      {group.clashes > 0 && (
        <Button type="link" size="small" onClick={() => setOpen(true)}>
          {t("tags.clashes", { relations: format.count(group.clashes).full })}
        </Button>
      )}
      {problem && <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} />}
      <Suspense fallback={null}>{open && <Clashes corp={corp} group={group} close={() => setOpen(false)} />}</Suspense>
    </Flex>
  );
}
