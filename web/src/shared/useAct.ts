import { useMutation, type UseMutationOptions, type UseMutationResult } from "@tanstack/react-query";
import { useCallback, useRef } from "react";

import { idempotencyKey } from "./api";

interface Act<Data, Given> extends Pick<UseMutationResult<Data, Error, Given>, "data" | "error" | "isIdle" | "isPending" | "isSuccess" | "isError" | "variables" | "reset"> {
  mutate: (given: Given) => void;
  mutateAsync: (given: Given) => Promise<Data>;
}

/** `useMutation` that acts once at a time: what comes while an act is pending, such as the second half of a double click, does nothing and shares its outcome. */
export function useAct<Data, Given = void>(options: UseMutationOptions<Data, Error, Given>): Act<Data, Given> {
  const { mutateAsync: act, ...rest } = useMutation(options);
  // Rendered state comes too late for the second click.
  const pending = useRef<Promise<Data> | null>(null);
  const mutateAsync = useCallback(
    (given: Given) => {
      if (pending.current) return pending.current;
      const one = act(given).finally(() => {
        pending.current = null;
      });
      pending.current = one;
      return one;
    },
    [act],
  );
  const mutate = useCallback((given: Given) => void mutateAsync(given).catch(() => undefined), [mutateAsync]);
  return { ...rest, mutate, mutateAsync };
}

/** Headers of a form that makes something: the same content has the same key while the form is open, so that a repeat, after a broken line too, makes one. */
export function useKeys(): (content: unknown) => { "idempotency-key": string } {
  const keys = useRef(new Map<string, string>());
  return useCallback((content: unknown) => {
    const text = JSON.stringify(content);
    const key = keys.current.get(text) ?? idempotencyKey();
    keys.current.set(text, key);
    return { "idempotency-key": key };
  }, []);
}
