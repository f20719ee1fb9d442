import type { ReactNode } from "react";

import { ListTable } from "./ListTable";
import { Page } from "./Page";
import type { ComponentProps } from "react";
import { Panel } from "./Panel";

type ListPageProps<Row extends object> = Omit<ComponentProps<typeof ListTable<Row>>, "label"> & {
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
  filters?: ReactNode;
};

/** A page that is one list: title, filters, table. */
export function ListPage<Row extends object>({ title, note, actions, filters, ...table }: ListPageProps<Row>) {
  return (
    <Page title={title} asOf={table.list.query.data?.as_of} note={note} actions={actions}>
      <Panel small>
        {filters}
        <ListTable<Row> {...table} label={title} />
      </Panel>
    </Page>
  );
}
