import { useFormat } from "../words";

/** Money from fen, short from 10,000 upwards with the whole amount on hover. */
export function Money({ fen }: { fen: number | null | undefined }) {
  const shown = useFormat().money(fen);
  return (
    <span className="figure" title={shown.full}>
      {shown.short}
    </span>
  );
}

/** Money from the server's exact decimal text. */
export function Sum({ of }: { of: string | number | null | undefined }) {
  const shown = useFormat().sum(of);
  return (
    <span className="figure" title={shown.full}>
      {shown.short}
    </span>
  );
}

/** A whole number, short from 10,000 upwards with the whole figure on hover. */
export function Count({ value }: { value: number | null | undefined }) {
  const shown = useFormat().count(value);
  return (
    <span className="figure" title={shown.full}>
      {shown.short}
    </span>
  );
}
