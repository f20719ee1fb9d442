import { DeleteOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, client, type Schema } from "@/shared/api";
import { Permitted } from "@/shared/session";
import { useConfirmCount } from "@/shared/ui/ConfirmCount";
import { useGo } from "@/shared/ui/Go";
import { useAct } from "@/shared/useAct";
import { problemText, useFormat } from "@/shared/words";

/** Takes a file away that nothing came of, and leads back to the list. */
export function DeleteImport({ one }: { one: Schema<"Import"> }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const format = useFormat();
  const confirm = useConfirmCount();
  const queries = useQueryClient();
  const go = useGo();
  const remove = useAct({
    mutationFn: () => client.DELETE("/api/imports/{import_id}", { params: { path: { import_id: one.id } } }),
    onSuccess: () => {
      void message.success(t("imports.deleted", { name: one.file_name }));
      go("/imports", { replace: true });
      void queries.invalidateQueries({ queryKey: ["imports", "list"] });
    },
    onError: (error) => {
      if (error instanceof ApiError) void message.error(problemText(error, t).title);
    },
  });
  return (
    <Permitted permission="imports.write">
      <Button
        danger
        icon={<DeleteOutlined aria-hidden />}
        onClick={() =>
          confirm({
            title: t("imports.deleteTitle", { name: one.file_name }),
            touches: t("imports.deleteTouches", { size: format.bytes(one.size_bytes) }),
            consequence: t("imports.deleteNote"),
            act: t("imports.delete"),
            understood: t("common.consequenceKnown"),
            danger: true,
            run: () => remove.mutateAsync(),
          })
        }
      >
        {t("imports.delete")}
      </Button>
    </Permitted>
  );
}
