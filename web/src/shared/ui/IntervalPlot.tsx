interface IntervalPlotProps {
  low: number;
  point: number;
  high: number;
  show: (value: number) => string;
  summary: string;
}

/** An estimate with its interval on a line that always holds zero. */
export function IntervalPlot({ low, point, high, show, summary }: IntervalPlotProps) {
  const [left, right] = [Math.min(low, 0), Math.max(high, 0)];
  const span = right - left || 1;
  const at = (value: number) => 40 + ((value - left) / span) * 400;
  const side = low > 0 ? "good" : high < 0 ? "bad" : "open";
  return (
    <figure className={`interval interval-${side}`}>
      <svg viewBox="0 0 480 92" role="img" aria-label={summary}>
        <line x1="20" x2="460" y1="46" y2="46" className="interval-axis" />
        <line x1={at(0)} x2={at(0)} y1="16" y2="64" className="interval-zero" />
        <text x={at(0)} y="84" textAnchor="middle">
          0
        </text>
        <line x1={at(low)} x2={at(high)} y1="46" y2="46" className="interval-bar" />
        <circle cx={at(point)} cy="46" r="7" className="interval-point" />
        <text x={at(point)} y="22" textAnchor="middle" className="interval-main">
          {show(point)}
        </text>
        <text x={at(low)} y="70" textAnchor="middle">
          {Math.abs(at(low) - at(0)) > 40 ? show(low) : ""}
        </text>
        <text x={at(high)} y="70" textAnchor="middle">
          {Math.abs(at(high) - at(0)) > 40 ? show(high) : ""}
        </text>
      </svg>
      <figcaption className="page-note">{summary}</figcaption>
    </figure>
  );
}
