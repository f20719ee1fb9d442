import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, lazy, Suspense, useEffect, useMemo, useState } from "react";

import { ApiError, body, client, onSignedOut, onStale } from "@/shared/api";
import { SessionProvider } from "@/shared/session";
import { ErrorState } from "@/shared/ui/ErrorState";
import { WorkspaceContext } from "@/shared/workspace";
import { forget } from "./enter";

const ProofDialog = lazy(() => import("./ProofDialog"));
const Login = lazy(() => import("./Login"));
const Setup = lazy(() => import("./Setup"));

const symbols: Record<string, string> = { CNY: "¥", USD: "$", EUR: "€", GBP: "£", JPY: "¥", HKD: "HK$", TWD: "NT$" };

/** Stands before every page: first-run set-up, then log-in, then the page that the address names. */
export function Gate({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const me = useQuery({ queryKey: ["me"], queryFn: () => body(client.GET("/api/me")),
    staleTime: 60_000,
    // A sandbox's clock may run faster than the wall's.
    refetchInterval: ({ state }) => (state.data?.sandbox ? 15_000 : false),
  });
  const isOut = me.error instanceof ApiError && me.error.status === 401;
  const setup = useQuery({ queryKey: ["setup"], queryFn: () => body(client.GET("/api/setup")), enabled: isOut });

  useEffect(
    () =>
      onSignedOut(() => {
        // Asking who is logged in is refused too; that answer needs no second look, which would break off the first before it is heard.
        const me = queries.getQueryState(["me"]);
        if (me?.status === "success" && me.fetchStatus === "idle") {
          forget(queries);
          void queries.invalidateQueries({ queryKey: ["me"] });
        }
      }),
    [queries],
  );

  const tenant = isOut ? undefined : me.data?.tenant;
  const workspace = useMemo(
    () => ({ zone: tenant?.timezone ?? "Asia/Shanghai", currency: symbols[tenant?.currency ?? "CNY"] ?? `${tenant?.currency ?? ""} ` }),
    [tenant?.timezone, tenant?.currency],
  );

  if (isOut) {
    if (setup.isError) return <ErrorState error={setup.error} retry={() => void setup.refetch()} />;
    if (!setup.data) return null;
    return <Suspense fallback={null}>{setup.data.needed ? <Setup /> : <Login />}</Suspense>;
  }
  if (me.data) {
    return (
      <SessionProvider value={me.data}>
        <WorkspaceContext value={workspace}>
          {children}
          <Proof />
        </WorkspaceContext>
      </SessionProvider>
    );
  }
  return me.isError ? <ErrorState error={me.error} retry={() => void me.refetch()} /> : null;
}

/** Asks for the password again when a risky act wants a fresh one. */
function Proof() {
  const [settle, setSettle] = useState<((given: boolean) => void) | null>(null);
  useEffect(() => onStale(() => new Promise((resolve) => setSettle(() => resolve))), []);
  if (!settle) return null;
  const done = (given: boolean) => {
    settle(given);
    setSettle(null);
  };
  return (
    <Suspense fallback={null}>
      <ProofDialog done={done} />
    </Suspense>
  );
}
