import type { ReactNode } from "react";

interface PanelProps {
  title?: ReactNode;
  extra?: ReactNode;
  className?: string | undefined;
  /** Less room around the content. */
  small?: boolean;
  children: ReactNode;
}

/** A white sheet with a heading, as every page is made of. */
export function Panel({ title, extra, className, small = false, children }: PanelProps) {
  return (
    <section className={["panel", small && "panel-small", className].filter(Boolean).join(" ")}>
      {(title || extra) && (
        <header className="panel-head">
          <h2>{title}</h2>
          {extra && <div>{extra}</div>}
        </header>
      )}
      <div className="panel-body">{children}</div>
    </section>
  );
}
