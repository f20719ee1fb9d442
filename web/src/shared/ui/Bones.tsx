/** Grey bars where text will stand: the skeleton of any page that has no closer one. */
export function Bones({ rows = 8 }: { rows?: number }) {
  return (
    <div className="bones" aria-hidden>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} />
      ))}
    </div>
  );
}
