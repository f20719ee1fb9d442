import { moment } from "./format";

/** The instant of a wall-clock time `YYYY-MM-DD HH:mm` in a zone. A time that the clocks skip moves forward; one that comes twice is the first. */
export function instantOf(wall: string, zone: string): string {
  const asUtc = Date.parse(`${wall.replace(" ", "T")}:00Z`);
  const offsetAt = (instant: number) => Date.parse(`${moment(new Date(instant).toISOString(), zone).replace(" ", "T")}:00Z`) - instant;
  const candidates = [...new Set([offsetAt(asUtc - 86_400_000), offsetAt(asUtc + 86_400_000)])].map((offset) => asUtc - offset);
  const exact = candidates.filter((instant) => instant + offsetAt(instant) === asUtc).sort((a, b) => a - b);
  return new Date(exact[0] ?? Math.max(...candidates)).toISOString();
}
