import { Checkbox } from "antd";
import { useTranslation } from "react-i18next";

import { body, client, type Schema } from "@/shared/api";
import { Money } from "@/shared/ui/Amount";
import { EmptyState } from "@/shared/ui/EmptyState";
import { FilterBar, SearchFilter, SelectFilter } from "@/shared/ui/FilterBar";
import { useList } from "@/shared/ui/list";
import { ListTable } from "@/shared/ui/ListTable";
import { Page } from "@/shared/ui/Page";
import { Panel } from "@/shared/ui/Panel";
import { ReadAgain } from "@/shared/ui/ReadAgain";
import { StatusTag } from "@/shared/ui/StatusTag";
import { useUrlState } from "@/shared/urlState";
import { useCorps } from "@/shared/useNames";
import { useFormat } from "@/shared/words";

type Product = Schema<"AlbumProductOut">;

const names = ["q", "corp_id", "deleted"] as const;

/** The products that members may send from WeCom's album, to be read only. */
export default function Albums() {
  const { t } = useTranslation();
  const format = useFormat();
  const [state, set] = useUrlState();
  const corps = useCorps();
  const list = useList<Product>({ queryKey: ["albums"], names, load: (query) => body(client.GET("/api/album-products", { params: { query } })) });
  return (
    <Page title={t("menu.albums")} note={t("albums.note")} asOf={list.query.data?.as_of} actions={<ReadAgain objects={["album"]} />}>
      <Panel small>
        <FilterBar names={names}>
          <SearchFilter name="q" label={t("albums.search")} />
          {corps.length > 0 && <SelectFilter name="corp_id" label={t("albums.corp")} options={corps} width={180} />}
          <Checkbox checked={state["deleted"] === "true"} onChange={(event) => set({ deleted: event.target.checked ? "true" : undefined, cursor: undefined })}>
            {t("albums.onlyDeleted")}
          </Checkbox>
        </FilterBar>
        <ListTable<Product>
          list={list}
          rowKey="product_id"
          label={t("menu.albums")}
          empty={<EmptyState title={t("albums.empty")} purpose={t("albums.emptyPurpose")} />}
          columns={[
            { key: "description", title: t("albums.description"), fixed: "left", render: (_, row) => <span className="break">{row.description}</span> },
            ...(corps.length > 0 ? [{ key: "corp", title: t("albums.corp"), render: (_: unknown, row: Product) => row.corp_name }] : []),
            { key: "number", title: t("albums.number"), choice: "shown", render: (_, row) => row.number || "–" },
            { key: "price", title: t("albums.price"), align: "right", render: (_, row) => <Money fen={row.price_fen} /> },
            { key: "pictures", title: t("albums.pictures"), align: "right", choice: "shown", render: (_, row) => format.count(row.pictures).full },
            {
              key: "state",
              title: t("albums.which"),
              render: (_, row) => (
                <>
                  <StatusTag group="albums.kinds" code={row.deleted_at ? "deleted" : "there"} tone={row.deleted_at ? "default" : "success"} />
                  {row.deleted_at && <span className="page-note">{t("albums.deletedAt", { time: format.moment(row.deleted_at) })}</span>}
                </>
              ),
            },
          ]}
        />
      </Panel>
    </Page>
  );
}
