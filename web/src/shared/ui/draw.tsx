import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

export type Drawing = EChartsCoreOption;

export interface Colours {
  primary: string;
  second: string;
  text: string;
  line: string;
  panel: string;
}

interface DrawProps {
  drawing: Drawing;
  height: number;
  onPick?: ((index: number) => void) | undefined;
}

/** The chart library's own picture; loaded only when a page has a chart. */
export default function Draw({ drawing, height, onPick }: DrawProps) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!frame.current) return undefined;
    const chart = init(frame.current, undefined, { renderer: "svg" });
    chart.setOption({ animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches, ...drawing });
    chart.on("click", (event) => onPick?.(event.dataIndex));
    const watch = new ResizeObserver(() => chart.resize());
    watch.observe(frame.current);
    return () => {
      watch.disconnect();
      chart.dispose();
    };
  }, [drawing, onPick]);
  return <div ref={frame} style={{ height }} />;
}
