import { Button, Empty, Flex } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useMay } from "../session";
import { GoButton } from "./Go";

interface EmptyStateProps {
  title: string;
  purpose?: ReactNode;
  /** Shown to whoever may do it. */
  action?: { label: string; to: string; permission: string } | undefined;
  extra?: ReactNode;
}

/** "Nothing yet": what this page is for and the first thing to do. */
export function EmptyState({ title, purpose, action, extra }: EmptyStateProps) {
  const may = useMay(action?.permission ?? null);
  return (
    <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={null} className="empty-state">
      <Flex vertical align="center" gap={8}>
        <strong>{title}</strong>
        {purpose && <div className="empty-purpose">{purpose}</div>}
        <Flex gap={8}>
          {action && may && (
            <GoButton to={action.to} type="primary">
              {action.label}
            </GoButton>
          )}
          {extra}
        </Flex>
      </Flex>
    </Empty>
  );
}

/** "No hit": the filters leave nobody. */
export function NoHit({ clear }: { clear: () => void }) {
  const { t } = useTranslation();
  return (
    <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("common.noHit")} className="empty-state">
      <Button onClick={clear}>{t("common.clearFilters")}</Button>
    </Empty>
  );
}
