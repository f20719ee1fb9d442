import { App, Button } from "antd";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";

/** Says that an act is done and offers to undo it for ten seconds. */
export function useUndoToast(): (text: string, undo: () => void) => void {
  const { notification } = App.useApp();
  const { t } = useTranslation();
  return useCallback(
    (text: string, undo: () => void) => {
      const key = `undo-${Date.now()}`;
      const run = () => {
        notification.destroy(key);
        undo();
      };
      notification.success({
        key,
        title: text,
        duration: 10,
        placement: "bottomLeft",
        showProgress: true,
        actions: (
          <Button size="small" type="link" onClick={run}>
            {t("common.undo")}
          </Button>
        ),
      });
    },
    [notification, t],
  );
}
