/** Columns that two fields claim; each column can mean one thing only. */
export function doubled(mapping: Record<string, string | null | undefined>): Set<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const column of Object.values(mapping)) {
    if (!column) continue;
    if (seen.has(column)) twice.add(column);
    seen.add(column);
  }
  return twice;
}

/** Required fields that no column is mapped to. */
export function missing<F extends { field: string; required: boolean }>(fields: readonly F[], mapping: Record<string, string | null | undefined>): F[] {
  return fields.filter((field) => field.required && !mapping[field.field]);
}
