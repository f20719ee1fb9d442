import { App, Checkbox } from "antd";
import { type ReactNode, useCallback } from "react";
import { useTranslation } from "react-i18next";

interface Confirmation {
  title: string;
  /** How many people, orders or accounts the act touches, in words. */
  touches: string;
  consequence: ReactNode;
  act: string;
  /** What the tick says: that the number was checked, or that the consequence is known where nothing is counted. */
  understood: string;
  danger?: boolean;
  run: () => Promise<unknown> | unknown;
}

/** Asks before an act that cannot be taken back: says how many it touches, and acts only after a tick. */
export function useConfirmCount(): (confirmation: Confirmation) => void {
  const { modal } = App.useApp();
  const { t } = useTranslation();
  return useCallback(
    ({ title, touches, consequence, act, understood, danger = false, run }: Confirmation) => {
      const dialog = modal.confirm({
        title,
        okText: act,
        cancelText: t("common.cancel"),
        okButtonProps: { disabled: true, danger },
        content: (
          <>
            <p className="confirm-count">{touches}</p>
            <p>{consequence}</p>
            <Checkbox onChange={(event) => dialog.update({ okButtonProps: { disabled: !event.target.checked, danger } })}>{understood}</Checkbox>
          </>
        ),
        onOk: run,
      });
    },
    [modal, t],
  );
}
