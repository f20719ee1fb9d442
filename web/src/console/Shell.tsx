import { Outlet, useLocation } from "@tanstack/react-router";
import { Menu } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import logo from "@/shared/logo.svg";
import { narrow, phone } from "@/shared/media";
import { useSession } from "@/shared/session";
import { Go } from "@/shared/ui/Go";
import { useFormat } from "@/shared/words";
import { groups, menuPathOf, pages } from "./pages";
import { TopBar } from "./TopBar";

/** The frame of the console: menu, top bar, page. */
export function Shell() {
  const { t } = useTranslation();
  const { permissions, tenant, demo, sandbox, now } = useSession();
  const format = useFormat();
  const [folded, setFolded] = useState(narrow.matches);
  const path = useLocation({ select: (location) => location.pathname });

  const items = useMemo(() => {
    const open = pages.filter((page) => page.menu && (page.permission === null || permissions.includes(page.permission)));
    return groups
      .map((group) => ({
        key: group,
        type: "group" as const,
        label: t(`menu.groups.${group}`),
        children: open.flatMap(({ menu, path }) =>
          menu?.group === group ? [{ key: path, icon: menu.icon, label: <Go to={path}>{t(`menu.${menu.name}`)}</Go>, title: t(`menu.${menu.name}`) }] : [],
        ),
      }))
      .filter((group) => group.children.length > 0);
  }, [permissions, t]);

  return (
    <div className={folded ? "shell shell-folded" : "shell"}>
      <a href="#main" className="skip-link">
        {t("shell.skip")}
      </a>
      <aside className="shell-side">
        <Go to="/" className="shell-brand" aria-label={t("shell.home", { brand: tenant.name })}>
          <img src={logo} alt="" width={28} height={28} />
          {!folded && <span className="shell-brand-name">{tenant.name}</span>}
        </Go>
        <nav aria-label={t("shell.menu")} className="shell-menu">
          <Menu mode="inline" inlineCollapsed={folded} onClick={() => phone.matches && setFolded(true)} items={items} selectedKeys={[menuPathOf(path)]} inlineIndent={16} />
        </nav>
        {sandbox && !folded && (
          <div className="shell-demo">
            <span className="shell-demo-mark">{t(demo ? "shell.demo" : "shell.sandbox")}</span>
            <div className="shell-demo-time">{t("shell.demoTime", { time: format.moment(now) })}</div>
          </div>
        )}
      </aside>
      <TopBar folded={folded} fold={() => setFolded(!folded)} />
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}
