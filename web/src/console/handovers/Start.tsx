import { Button } from "antd";
import { useTranslation } from "react-i18next";

import { useConfirmCount } from "@/shared/ui/ConfirmCount";

interface StartProps {
  ready: number;
  touches: string;
  consequence: string;
  understood: string;
  plan: { isPending: boolean; mutateAsync: () => Promise<unknown> };
}

/** The button that begins a handover, once it was said whom or what it touches. */
export function Start({ ready, touches, consequence, understood, plan }: StartProps) {
  const { t } = useTranslation();
  const confirm = useConfirmCount();
  return (
    <Button
      type="primary"
      disabled={ready === 0}
      loading={plan.isPending}
      onClick={() =>
        confirm({
          title: t("handovers.confirmTitle"),
          touches,
          consequence,
          act: t("handovers.start"),
          understood,
          run: () => plan.mutateAsync().catch(() => undefined),
        })
      }
    >
      {t("handovers.start")}
    </Button>
  );
}
