import { SyncOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";

import { ApiError, body, client } from "../api";
import { Permitted } from "../session";
import { useAct } from "../useAct";
import { problemText } from "../words";

/** Has kinds of WeCom's objects read anew, as jobs. */
export function ReadAgain({ objects }: { objects: readonly string[] }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const read = useAct({
    mutationFn: () => Promise.all(objects.map((object) => body(client.POST("/api/readings/{object}", { params: { path: { object } } })))),
    onSuccess: async () => {
      void message.success(t("common.readingAgain"));
      await queries.invalidateQueries({ queryKey: ["jobs"] });
    },
    onError: (error) => void message.error(error instanceof ApiError ? problemText(error, t).title : String(error)),
  });
  return (
    <Permitted permission="corps.sync">
      <Button icon={<SyncOutlined aria-hidden />} loading={read.isPending} onClick={() => read.mutate()}>
        {t("common.readAgain")}
      </Button>
    </Permitted>
  );
}
