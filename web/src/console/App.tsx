import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { App as AntApp, ConfigProvider } from "antd";
import { useMemo } from "react";

import { ApiError } from "@/shared/api";
import { antdLocale } from "@/shared/i18n";
import { phone, still, useMatches } from "@/shared/media";
import { PreferencesProvider, usePreferences } from "@/shared/preferences";
import { themeOf } from "@/shared/theme";
import { Gate } from "./access/Gate";
import { makeRouter } from "./router";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal stays one; only a broken line or a busy server is worth a second try.
      retry: (failures, error) => failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 502),
    },
  },
});
const router = makeRouter(queries);

function Themed() {
  const { language, dark } = usePreferences();
  const isTouched = useMatches(phone);
  const isStill = useMatches(still);
  const theme = useMemo(() => themeOf({ isDark: dark, isTouched, isStill }), [dark, isTouched, isStill]);
  return (
    <ConfigProvider theme={theme} locale={antdLocale(language)} button={{ autoInsertSpace: false }}>
      <AntApp className="app">
        <Gate>
          <RouterProvider router={router} />
        </Gate>
      </AntApp>
    </ConfigProvider>
  );
}

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <PreferencesProvider>
        <Themed />
      </PreferencesProvider>
    </QueryClientProvider>
  );
}
