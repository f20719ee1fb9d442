import { Tooltip } from "antd";
import { cloneElement, createContext, type ReactElement, useContext } from "react";
import { useTranslation } from "react-i18next";

import type { Schema } from "./api";
import { word } from "./words";

export type Me = Schema<"Me">;

const Context = createContext<Me | null>(null);
export const SessionProvider = Context.Provider;

/** The account that is logged in, its permissions and its brand. */
export function useSession(): Me {
  const me = useContext(Context);
  if (!me) throw new Error("useSession is used before log-in");
  return me;
}

/** Whether this account may do an act; null asks for nothing. */
export function useMay(permission: string | null): boolean {
  const { permissions } = useSession();
  return permission === null || permissions.includes(permission);
}

/** Lets its button through when the account may do the act, else disables it and says which permission is missing. */
export function Permitted({ permission, children }: { permission: string; children: ReactElement<{ disabled?: boolean }> }) {
  const { t } = useTranslation();
  if (useMay(permission)) return children;
  const reason = t("errors.missing", { permission: word("permissions", permission) });
  return (
    <Tooltip title={reason}>
      {/* A disabled button takes no focus: the frame does, so that the reason reaches the keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <span tabIndex={0} aria-label={reason}>
        {cloneElement(children, { disabled: true })}
      </span>
    </Tooltip>
  );
}
