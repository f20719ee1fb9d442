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

interface PermittedProps {
  permission: string;
  /** Why an account with the permission may not do it here; left out or null, it may. */
  barred?: string | null;
  children: ReactElement<{ disabled?: boolean }>;
}

/** Lets its button through when the account may do the act, else disables it and says why: which permission is missing, or what else bars it. */
export function Permitted({ permission, barred = null, children }: PermittedProps) {
  const { t } = useTranslation();
  const reason = useMay(permission) ? barred : t("errors.missing", { permission: word("permissions", permission) });
  if (reason === null) return children;
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
