import { LogoutOutlined, MenuFoldOutlined, MenuUnfoldOutlined, MoonOutlined, SearchOutlined, SunOutlined, UnorderedListOutlined, UserOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Dropdown, Tooltip } from "antd";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { body, client } from "@/shared/api";
import { usePreferences } from "@/shared/preferences";
import { useMay, useSession } from "@/shared/session";
import { GoButton, useGo } from "@/shared/ui/Go";
import { useAct } from "@/shared/useAct";
import { word } from "@/shared/words";

const Search = lazy(() => import("./Search"));

/** Search, language, theme, running jobs and the account. */
export function TopBar({ folded, fold }: { folded: boolean; fold: () => void }) {
  const { t } = useTranslation();
  const { language, setLanguage, dark, theme, setTheme } = usePreferences();
  return (
    <header className="top-bar">
      <Button type="text" icon={folded ? <MenuUnfoldOutlined aria-hidden /> : <MenuFoldOutlined aria-hidden />} aria-label={t(folded ? "shell.unfold" : "shell.fold")} onClick={fold} />
      <SearchButton />
      <div className="top-bar-end">
        <Tooltip title={t("shell.otherLanguage")}>
          <Button type="text" lang={language === "zh-CN" ? "en" : "zh-CN"} onClick={() => void setLanguage(language === "zh-CN" ? "en-US" : "zh-CN")}>
            {language === "zh-CN" ? "EN" : "中文"}
          </Button>
        </Tooltip>
        <Dropdown
          trigger={["click"]}
          menu={{
            selectable: true,
            selectedKeys: [theme],
            items: (["light", "dark", "system"] as const).map((key) => ({ key, label: t(`shell.themes.${key}`) })),
            onClick: ({ key }) => setTheme(key as typeof theme),
          }}
        >
          <Button type="text" icon={dark ? <MoonOutlined aria-hidden /> : <SunOutlined aria-hidden />} aria-label={t("shell.theme")} aria-haspopup="menu" />
        </Dropdown>
        {useMay("jobs.read") && <RunningJobs />}
        <AccountMenu />
      </div>
    </header>
  );
}

/** Looks like a field; opens the search on a click, on "/" and on ⌘K. */
function SearchButton() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const isTyping = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
      const isShortcut = (event.key === "k" && (event.metaKey || event.ctrlKey)) || (event.key === "/" && !isTyping);
      if (!isShortcut) return;
      event.preventDefault();
      setOpen(true);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
  return (
    <>
      <button type="button" className="plain-button search-button" aria-keyshortcuts="/ Control+K Meta+K" onClick={() => setOpen(true)}>
        <SearchOutlined aria-hidden /> <span>{t("shell.search")}</span>
        <kbd aria-hidden>/</kbd>
      </button>
      {open && (
        <Suspense fallback={null}>
          <Search close={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

function RunningJobs() {
  const { t } = useTranslation();
  const jobs = useQuery({
    queryKey: ["jobs", "running"],
    queryFn: () => body(client.GET("/api/jobs", { params: { query: { limit: 20 } } })),
    refetchInterval: 15_000,
  });
  const running = jobs.data?.items.filter((job) => job.state === "leased" || job.state === "ready").length ?? 0;
  const name = running > 0 ? t("shell.jobsRunning", { count: running }) : t("menu.jobs");
  return (
    <Tooltip title={name}>
      <span className="badge-frame">
        <GoButton to="/jobs" type="text" icon={<UnorderedListOutlined aria-hidden />} aria-label={name} />
        {running > 0 && (
          <span className="badge" aria-hidden>
            {running}
          </span>
        )}
      </span>
    </Tooltip>
  );
}

function AccountMenu() {
  const { t } = useTranslation();
  const { account } = useSession();
  const go = useGo();
  const queries = useQueryClient();
  const leave = useAct({
    mutationFn: () => client.DELETE("/api/session"),
    onSettled: () => {
      queries.clear();
      window.location.assign("/");
    },
  });
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: [
          { key: "who", type: "group", label: `${account.login} · ${word("roles", account.role)}` },
          { key: "account", icon: <UserOutlined aria-hidden />, label: t("menu.account"), onClick: () => go("/account") },
          { key: "leave", icon: <LogoutOutlined aria-hidden />, label: t("shell.logOut"), onClick: () => leave.mutate() },
        ],
      }}
    >
      <Button type="text" aria-haspopup="menu">
        <span className="face" aria-hidden>
          {account.name.slice(-2)}
        </span>
        <span className="sr-only">{t("shell.accountMenu")}</span>
        <span className="top-bar-name">{account.name}</span>
      </Button>
    </Dropdown>
  );
}
