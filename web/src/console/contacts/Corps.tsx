import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Flex } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

import { body, client } from "@/shared/api";
import { Permitted, useMay } from "@/shared/session";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Loaded } from "@/shared/ui/Loaded";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { useUrlState } from "@/shared/urlState";
import { Corp } from "./Corp";

const Connect = lazy(() => import("./Connect"));
const EditCorp = lazy(() => import("./EditCorp"));

/** Connected WeCom apps: how well each connection is, when it was last read, connecting and changing. */
export default function Corps() {
  const { t } = useTranslation();
  const [state, set] = useUrlState();
  const may = useMay("corps.write");
  const corps = useQuery({ queryKey: ["corps"], queryFn: () => body(client.GET("/api/corps")), refetchInterval: 15_000 });
  const edited = may ? corps.data?.find((corp) => corp.id === state["edit"]) : undefined;
  const connect = (
    <Permitted permission="corps.write">
      <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => set({ connect: "1" }, { push: true })}>
        {t("corps.connect")}
      </Button>
    </Permitted>
  );
  return (
    <Page title={t("menu.corps")} note={t("corps.note")} actions={corps.data && corps.data.length > 0 ? connect : null}>
      <Loaded query={corps}>
        {(all) =>
          all.length === 0 ? (
            <Panel>
              <EmptyState title={t("corps.empty")} purpose={t("corps.emptyPurpose")} extra={connect} />
            </Panel>
          ) : (
            <Flex vertical gap={16}>
              {all.map((corp) => (
                <Corp key={corp.id} corp={corp} edit={() => set({ edit: corp.id }, { push: true })} />
              ))}
            </Flex>
          )
        }
      </Loaded>
      <Suspense fallback={null}>
        {may && state["connect"] && <Connect close={() => set({ connect: undefined })} />}
        {edited && <EditCorp key={edited.id} corp={edited} close={() => set({ edit: undefined })} />}
      </Suspense>
    </Page>
  );
}
