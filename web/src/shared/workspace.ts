import { createContext, useContext } from "react";

/** What every figure on screen depends on: the brand's time zone and currency sign. */
export interface Workspace {
  zone: string;
  currency: string;
}

export const WorkspaceContext = createContext<Workspace>({ zone: "Asia/Shanghai", currency: "¥" });

export function useWorkspace(): Workspace {
  return useContext(WorkspaceContext);
}
