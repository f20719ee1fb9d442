import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { body, client } from "./api";

/** The value once it has rested for a moment, so that not every key asks the server. */
function useRested<T>(value: T, milliseconds = 500): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return rested;
}

export interface FoundWords {
  /** Terms that must not leave the house. */
  blocked: string[];
  /** Terms to think about. */
  warned: string[];
}

/** Terms of the word lists in a text while it is being written. */
export function useWordCheck(written: string): FoundWords {
  const text = useRested(written);
  const words = useQuery({
    queryKey: ["words", text],
    queryFn: () => body(client.POST("/api/words/check", { body: { text } })),
    enabled: text.trim().length > 0,
    placeholderData: keepPreviousData,
  });
  const hits = written.trim() ? (words.data?.hits ?? []) : [];
  const of = (level: string) => [...new Set(hits.filter((hit) => hit.level === level).map((hit) => hit.word))];
  return { blocked: of("block"), warned: of("warn") };
}
