import { PlusOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Flex, Tag } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, body, client, type Schema } from "@/shared/api";
import { usePreferences } from "@/shared/preferences";
import { Permitted, useSession } from "@/shared/session";
import { EmptyState } from "@/shared/ui/EmptyState";
import { useList } from "@/shared/ui/list";
import { ListPage } from "@/shared/ui/ListPage";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useUndoToast } from "@/shared/ui/UndoToast";
import { useAct } from "@/shared/useAct";
import { problemText, useFormat, word } from "@/shared/words";

const AccountEditor = lazy(() => import("./AccountEditor"));
const PasswordReset = lazy(() => import("./PasswordReset"));

type Account = Schema<"AccountOut">;

/** Who may log in, as what, and how far each may see. */
export default function Accounts() {
  const { t } = useTranslation();
  const format = useFormat();
  const { account: self } = useSession();
  const { language } = usePreferences();
  const [editing, setEditing] = useState<Account | "new" | null>(null);
  const [resetting, setResetting] = useState<Account | null>(null);
  const roles = useQuery({ queryKey: ["roles"], queryFn: () => body(client.GET("/api/roles")), staleTime: 600_000 });
  const list = useList<Account>({ queryKey: ["accounts"], names: [], load: (query) => body(client.GET("/api/accounts", { params: { query } })) });
  const roleName = (role: string) => {
    const found = roles.data?.find((one) => one.role === role);
    return found ? (language === "zh-CN" ? found.zh : found.en) : word("roles", role);
  };
  return (
    <>
      <ListPage
        title={t("menu.accounts")}
        list={list}
        rowKey="id"
        actions={
          <Permitted permission="accounts.manage">
            <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setEditing("new")}>
              {t("accounts.new")}
            </Button>
          </Permitted>
        }
        empty={<EmptyState title={t("accounts.empty")} />}
        columns={[
          { key: "name", title: t("accounts.name"), render: (_, row) => row.name },
          { key: "login", title: t("access.login"), dataIndex: "login" },
          { key: "role", title: t("accounts.role"), render: (_, row) => roleName(row.role) },
          { key: "scope", title: t("accounts.scope"), render: (_, row) => word("scopes", row.scope.kind) },
          { key: "totp", title: t("accounts.totp"), render: (_, row) => (row.totp ? <Tag color="success">{t("common.on")}</Tag> : <Tag>{t("common.off")}</Tag>) },
          { key: "state", title: t("accounts.state"), render: (_, row) => <StatusTag group="accounts.states" code={row.active ? "active" : "disabled"} /> },
          { key: "seen", title: t("accounts.seen"), render: (_, row) => format.ago(row.last_seen_at) },
          {
            key: "acts",
            title: t("common.acts"),
            render: (_, row) => (
              <Flex gap={8}>
                <Button size="small" onClick={() => setEditing(row)}>
                  {t("common.edit")}
                </Button>
                <Button size="small" onClick={() => setResetting(row)}>
                  {t("accounts.reset")}
                </Button>
                {row.id !== self.id && <Switch account={row} />}
              </Flex>
            ),
          },
        ]}
      />
      <Suspense fallback={null}>
        {editing && <AccountEditor account={editing === "new" ? null : editing} roles={roles.data ?? []} roleName={roleName} close={() => setEditing(null)} />}
        {resetting && <PasswordReset account={resetting} close={() => setResetting(null)} />}
      </Suspense>
    </>
  );
}

/** Turns an account off or on; can be undone for ten seconds. */
function Switch({ account }: { account: Account }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const undoToast = useUndoToast();
  const set = useAct({
    mutationFn: (active: boolean) => client.PATCH("/api/accounts/{id}", { params: { path: { id: account.id } }, body: { active } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["accounts"] }),
    onError: (error) => {
      if (error instanceof ApiError) void message.error(problemText(error, t).title);
    },
  });
  const toggle = async () => {
    await set.mutateAsync(!account.active);
    undoToast(t(account.active ? "accounts.turnedOff" : "accounts.turnedOn", { name: account.name }), () => set.mutate(account.active));
  };
  return (
    <Button size="small" danger={account.active} loading={set.isPending} onClick={() => void toggle().catch(() => undefined)}>
      {t(account.active ? "accounts.turnOff" : "accounts.turnOn")}
    </Button>
  );
}
