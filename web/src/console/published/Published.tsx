import { Tabs } from "antd";
import { useTranslation } from "react-i18next";

import { useMay } from "@/shared/session";
import { Page } from "@/shared/ui/Page";
import { ReadAgain } from "@/shared/ui/ReadAgain";
import { useUrlState } from "@/shared/urlState";
import { Moments } from "./Moments";
import { Sends } from "./Sends";

/** What staff have sent and posted in WeCom itself. */
export default function Published() {
  const { t } = useTranslation();
  const [state, set] = useUrlState();
  const may = { moments: useMay("moments.read"), sends: useMay("corp_sends.read") };
  const tabs = (["moments", "sends"] as const).filter((tab) => may[tab]);
  const tab = tabs.find((one) => one === state["tab"]) ?? tabs[0] ?? "moments";
  return (
    <Page title={t("published.title")} note={t("published.note")} actions={<ReadAgain objects={tabs} />}>
      <Tabs
        activeKey={tab}
        onChange={(key) => set({ tab: key === tabs[0] ? undefined : key, cursor: undefined, by: undefined })}
        destroyOnHidden
        items={tabs.map((key) => ({ key, label: t(`published.tabs.${key}`), children: key === "moments" ? <Moments /> : <Sends /> }))}
      />
    </Page>
  );
}
