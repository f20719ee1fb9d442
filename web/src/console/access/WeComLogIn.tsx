import { WechatWorkOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Divider, Flex } from "antd";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client } from "@/shared/api";

/** Why a log-in with WeCom came back without a session, as its address says. */
export function useComeBackProblem(): ApiError | null {
  return useMemo(() => {
    const code = new URLSearchParams(window.location.search).get("problem");
    return code ? new ApiError(403, code) : null;
  }, []);
}

/** Log-in by a code to scan; inside the WeCom client it goes by itself, once. */
export function WeComLogIn({ problem }: { problem: boolean }) {
  const { t } = useTranslation();
  const inside = /wxwork/i.test(navigator.userAgent);
  const corps = useQuery({ queryKey: ["wecom-log-ins"], queryFn: () => body(client.GET("/api/session/wecom")), retry: false, staleTime: 60_000 });
  const only = corps.data?.length === 1 ? corps.data[0] : undefined;
  useEffect(() => {
    if (inside && only && !problem) window.location.replace(start(only.id, "silent"));
  }, [inside, only, problem]);
  if (!corps.data?.length) return null;
  return (
    <>
      <Divider plain>{t("access.or")}</Divider>
      <Flex vertical gap={8}>
        {corps.data.map((corp) => (
          <Button key={corp.id} size="large" block icon={<WechatWorkOutlined aria-hidden />} href={start(corp.id, inside ? "silent" : "qr")}>
            {only ? t("access.wecomLogIn") : t("access.wecomLogInOf", { name: corp.name })}
          </Button>
        ))}
      </Flex>
    </>
  );
}

function start(id: string, how: "qr" | "silent"): string {
  const here = new URL(window.location.href);
  here.searchParams.delete("problem");
  return `/api/session/wecom/${id}/start?${new URLSearchParams({ how, to: here.pathname + here.search })}`;
}
