import { Tabs } from "antd";
import { useTranslation } from "react-i18next";

import { useMay } from "@/shared/session";
import { Page } from "@/shared/ui/Page";
import { useUrlState } from "@/shared/urlState";
import { Names } from "./Names";
import { Parked } from "./Parked";

/** What comes in over HTTP: every name of event with its meaning, and the messages that could not be taken. */
export default function Intake() {
  const { t } = useTranslation();
  const [state, set] = useUrlState();
  const mayManage = useMay("intake.manage");
  const tabs = mayManage ? (["names", "parked"] as const) : (["names"] as const);
  const tab = tabs.find((one) => one === state["tab"]) ?? "names";
  return (
    <Page title={t("menu.intake")} note={t("intake.note")}>
      <Tabs
        activeKey={tab}
        onChange={(key) => set({ tab: key === "names" ? undefined : key, cursor: undefined })}
        destroyOnHidden
        items={tabs.map((key) => ({ key, label: t(`intake.tabs.${key}`), children: key === "names" ? <Names mayManage={mayManage} /> : <Parked /> }))}
      />
    </Page>
  );
}
