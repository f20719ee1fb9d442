import { Button, Skeleton } from "antd";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { usePreferences } from "../preferences";
import { useSlow } from "./Loaded";
import type { Colours, Drawing } from "./draw";

const Draw = lazy(() => import("./draw"));

interface ChartProps {
  /** One sentence that says what the picture shows. */
  summary: string;
  drawing: (colours: Colours) => Drawing;
  table: { columns: string[]; rows: (string | number)[][] };
  height?: number;
  onPick?: (index: number) => void;
}

function Waiting({ height }: { height: number }) {
  return useSlow(true) ? <Skeleton.Node active style={{ width: "100%", height }} /> : <div style={{ height }} />;
}

const lightColours: Colours = { primary: "#0958d9", second: "#ad4e00", text: "rgba(0,0,0,.72)", line: "rgba(0,0,0,.1)", panel: "#ffffff" };
const darkColours: Colours = { primary: "#65a9f3", second: "#e8b339", text: "rgba(255,255,255,.75)", line: "rgba(255,255,255,.14)", panel: "#1d2127" };

/** A chart that everybody can read: a picture with a sentence, and the same figures as a table at a click. */
export function Chart({ summary, drawing, table, height = 260, onPick }: ChartProps) {
  const { t } = useTranslation();
  const { dark } = usePreferences();
  const [asTable, setAsTable] = useState(false);
  const drawn = useMemo(() => drawing(dark ? darkColours : lightColours), [drawing, dark]);
  return (
    <div>
      <div className="chart-tools">
        <Button size="small" type="text" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? t("common.asChart") : t("common.asTable")}
        </Button>
      </div>
      {asTable ? (
        // Longer than its frame: the frame scrolls, and takes the focus so that the keyboard can scroll it too.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <section className="chart-table" style={{ maxHeight: height }} tabIndex={0} aria-label={summary}>
          <table className="plain-table">
            <thead>
              <tr>
                {table.columns.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map(([head, ...cells]) => (
                <tr key={head}>
                  <th scope="row">{head}</th>
                  {cells.map((cell, index) => (
                    // oxlint-disable-next-line react/no-array-index-key -- a cell is its column
                    <td key={index}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : (
        <div role="img" aria-label={summary} style={{ height }}>
          <Suspense fallback={<Waiting height={height} />}>
            <Draw drawing={drawn} height={height} onPick={onPick} />
          </Suspense>
        </div>
      )}
    </div>
  );
}
