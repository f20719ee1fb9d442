import { useSyncExternalStore } from "react";

export const systemDark = window.matchMedia("(prefers-color-scheme: dark)");
export const narrow = window.matchMedia("(max-width: 992px)");
/** Here the menu lies over the page while it is open, and whatever is touched is 44 px high. */
export const phone = window.matchMedia("(max-width: 480px)");
/** Whoever asks for less motion gets none. */
export const still = window.matchMedia("(prefers-reduced-motion: reduce)");

/** Whether it fits now, kept up to date. */
export function useMatches(query: MediaQueryList): boolean {
  return useSyncExternalStore(
    (changed) => {
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    () => query.matches,
  );
}
