export interface Cohort {
  cohort: string;
  size: number;
  counts: readonly number[];
}

/** Share of each cohort that bought again after `k` months, weighted by size over the cohorts that have reached that month. */
export function averageCurve(cohorts: readonly Cohort[]): (number | null)[] {
  const length = Math.max(0, ...cohorts.map((cohort) => cohort.counts.length));
  return Array.from({ length }, (_, month) => {
    const reached = cohorts.filter((cohort) => cohort.counts.length > month);
    const people = reached.reduce((sum, cohort) => sum + cohort.size, 0);
    return people > 0 ? reached.reduce((sum, cohort) => sum + (cohort.counts[month] ?? 0), 0) / people : null;
  });
}
