import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { describe, expect, it } from "vitest";

import { useAct, useKeys } from "@/shared/useAct";

function wrapper({ children }: { children: ReactNode }) {
  return <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>;
}

/** Acts that end when told, and what they were given. */
function acts() {
  const given: string[] = [];
  const ends: ((ok: boolean) => void)[] = [];
  const mutationFn = (name: string) => {
    given.push(name);
    return new Promise<string>((resolve, reject) => ends.push((ok) => (ok ? resolve(name) : reject(new Error(name)))));
  };
  return { given, ends, mutationFn };
}

describe("useAct", () => {
  it("lets a double click act once, with one outcome", async () => {
    const { given, ends, mutationFn } = acts();
    const { result } = renderHook(() => useAct({ mutationFn }), { wrapper });
    await act(async () => {
      const both = Promise.all([result.current.mutateAsync("first"), result.current.mutateAsync("second")]);
      await Promise.resolve();
      ends[0]?.(true);
      expect(await both).toEqual(["first", "first"]);
    });
    expect(given).toEqual(["first"]);
  });

  it("acts again once the act is over, be it refused", async () => {
    const { given, ends, mutationFn } = acts();
    const { result } = renderHook(() => useAct({ mutationFn }), { wrapper });
    for (const [turn, name] of ["refused", "again"].entries()) {
      await act(async () => {
        const one = result.current.mutateAsync(name).catch(() => "no");
        await Promise.resolve();
        ends[turn]?.(name === "again");
        await one;
      });
    }
    expect(given).toEqual(["refused", "again"]);
  });
});

describe("useKeys", () => {
  it("gives the same content the same key, other content another", () => {
    const { result, rerender } = renderHook(() => useKeys());
    const key = result.current({ name: "常客" });
    rerender();
    expect(result.current({ name: "常客" })).toEqual(key);
    expect(result.current({ name: "新客" })).not.toEqual(key);
  });
});
