import { ArrowLeftOutlined } from "@ant-design/icons";
import { Tooltip } from "antd";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";

import { useFormat } from "../words";
import { GoButton } from "./Go";

interface PageProps {
  title: ReactNode;
  /** Name in the browser's tab when `title` is not plain text. */
  tabTitle?: string;
  /** Instant that the figures are true for. */
  asOf?: string | null | undefined;
  note?: ReactNode;
  actions?: ReactNode;
  back?: { to: string; label: string };
  children: ReactNode;
}

/** Frame of every page: one h1, the instant of its figures, its actions. */
export function Page({ title, tabTitle, asOf, note, actions, back, children }: PageProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = tabTitle ?? (typeof title === "string" ? title : "");
  useEffect(() => {
    document.title = name ? `${name} · siyu` : "siyu";
  }, [name]);
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <div className="page-heading">
            {back && (
              <Tooltip title={t("common.backTo", { place: back.label })}>
                <GoButton to={back.to} type="text" size="small" icon={<ArrowLeftOutlined aria-hidden />} aria-label={t("common.backTo", { place: back.label })} />
              </Tooltip>
            )}
            <h1 className="page-title">{title}</h1>
          </div>
          {(asOf || note) && (
            <div className="page-note">
              {note}
              {note && asOf && <span aria-hidden> · </span>}
              {asOf && t("common.asOf", { time: format.moment(asOf) })}
            </div>
          )}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
