import type { UseQueryResult } from "@tanstack/react-query";
import { Button } from "antd";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { Bones } from "./Bones";
import { ErrorState } from "./ErrorState";

/** True once `active` has lasted 300 ms: shorter waits show nothing. */
export function useSlow(active: boolean): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!active) return undefined;
    const timer = setTimeout(() => setSlow(true), 300);
    return () => {
      clearTimeout(timer);
      setSlow(false);
    };
  }, [active]);
  return active && slow;
}

interface LoadedProps<T> {
  query: UseQueryResult<T>;
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}

/** Shows a query: its skeleton when slow, its error with a retry, else the answer. A failed refetch keeps the old answer and says so. */
export function Loaded<T>({ query, skeleton, children }: LoadedProps<T>) {
  const { t } = useTranslation();
  const slow = useSlow(query.isPending && query.fetchStatus !== "idle");
  if (query.data !== undefined) {
    return (
      <>
        {query.isError && (
          <div role="status" className="stale-note">
            {t("errors.stale")}
            <Button size="small" onClick={() => void query.refetch()}>
              {t("common.retry")}
            </Button>
          </div>
        )}
        {children(query.data)}
      </>
    );
  }
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  return slow ? <div aria-busy="true">{skeleton ?? <Bones />}</div> : <div aria-busy="true" className="waiting" />;
}
