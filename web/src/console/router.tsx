import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "@/shared/api";
import { useMay } from "@/shared/session";
import { parseSearch, stringifySearch } from "@/shared/urlState";
import { Bones } from "@/shared/ui/Bones";
import { ErrorState } from "@/shared/ui/ErrorState";
import { GoButton } from "@/shared/ui/Go";
import { useSlow } from "@/shared/ui/Loaded";
import { pages } from "./pages";
import { Shell } from "./Shell";

/** The page, or the reason why this account does not see it. */
function guarded(Page: ComponentType, permission: string | null): ComponentType {
  return function Guarded() {
    return useMay(permission) ? <Page /> : <ErrorState error={new ApiError(403, "forbidden", { permission })} />;
  };
}

function Pending() {
  return useSlow(true) ? (
    <div className="page">
      <Bones />
    </div>
  ) : null;
}

function Missing() {
  const { t } = useTranslation();
  return (
    <div className="missing">
      <ErrorState error={new ApiError(404, "not_found")} />
      <GoButton to="/" type="primary">
        {t("shell.backHome")}
      </GoButton>
    </div>
  );
}

export function makeRouter(queries: QueryClient) {
  const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Shell, notFoundComponent: Missing });
  const routes = pages.map(({ path, load, permission }) =>
    createRoute({
      getParentRoute: () => root,
      path,
      component: lazyRouteComponent(async () => ({ default: guarded((await load()).default, permission) })),
    }),
  );
  return createRouter({
    routeTree: root.addChildren(routes),
    context: { queries },
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultPendingMs: 0,
    defaultPendingComponent: Pending,
    defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} retry={reset} />,
    scrollRestoration: true,
  });
}
