import type { ReactNode } from "react";

import { tint } from "../theme";

export interface CohortCell {
  /** Null: this period has not come yet. */
  share: number | null;
  text: string;
  title: string;
  to?: string | undefined;
}

interface CohortTableProps {
  caption: string;
  corner: string;
  columns: string[];
  rows: { key: string; head: ReactNode; size: ReactNode; cells: CohortCell[] }[];
  sizeTitle: string;
  link: (to: string, cell: CohortCell) => ReactNode;
}

/** A triangle of cohorts as a real table: each cell's tint follows its share, its words stand in it. */
export function CohortTable({ caption, corner, columns, rows, sizeTitle, link }: CohortTableProps) {
  return (
    // Wider than its frame: the frame scrolls, and takes the focus so that the keyboard can scroll it too.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className="cohort-frame" tabIndex={0} aria-label={caption}>
      <table className="cohort">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            <th scope="col" className="cohort-head">
              {corner}
            </th>
            <th scope="col">{sizeTitle}</th>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <th scope="row" className="cohort-head">
                {row.head}
              </th>
              <td className="cohort-size">{row.size}</td>
              {row.cells.map((cell, index) =>
                cell.share === null ? (
                  // oxlint-disable-next-line react/no-array-index-key -- a cell is its column
                  <td key={index} className="cohort-none" />
                ) : (
                  // oxlint-disable-next-line react/no-array-index-key -- a cell is its column
                  <td key={index} style={{ background: tint(cell.share) }} title={cell.title}>
                    {cell.to ? link(cell.to, cell) : cell.text}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
