import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { body, client } from "./api";
import { useMay, useSession } from "./session";

/** A segment by its id; null asks for nothing. */
export function useSegment(id: string | null | undefined) {
  return useQuery({
    queryKey: ["segments", id],
    queryFn: () => body(client.GET("/api/segments/{id}", { params: { path: { id: id ?? "" } } })),
    enabled: useMay("segments.read") && Boolean(id),
    staleTime: 30_000,
  });
}

/** All segments that one can choose from, newest first. */
export function useSegments() {
  return useQuery({
    queryKey: ["segments", "choices"],
    queryFn: () => body(client.GET("/api/segments", { params: { query: { limit: 100 } } })),
    enabled: useMay("segments.read"),
    staleTime: 30_000,
  });
}

/** Departments that this account sees, corp by corp. */
export function useDepartments() {
  return useQuery({ queryKey: ["departments"], queryFn: () => body(client.GET("/api/departments")), enabled: useMay("staff.read"), staleTime: 60_000 });
}

/** The corps whose departments this account sees, WeCom's id as value; empty for a brand with one corp, where nobody asks which. */
export function useCorps(): { value: string; label: string }[] {
  const departments = useDepartments();
  const corps = new Map((departments.data ?? []).map((one) => [one.corp_id, one.corp_name ?? one.corp_id]));
  return corps.size > 1 ? [...corps].map(([value, label]) => ({ value, label })) : [];
}

/** Staff whom this account may choose from; `label` tells two corps' members of one name apart. */
export function useStaff() {
  const { t } = useTranslation();
  const corps = new Map(useCorps().map((one) => [one.value, one.label]));
  return useQuery({
    queryKey: ["staff"],
    queryFn: () => body(client.GET("/api/staff", { params: { query: { limit: 200 } } })),
    select: (page) => ({
      ...page,
      items: page.items.map((one) => ({ ...one, label: corps.has(one.corp_id) ? t("common.ofCorp", { name: one.name, corp: corps.get(one.corp_id) }) : one.name })),
    }),
    enabled: useMay("staff.read"),
    staleTime: 60_000,
  });
}

/** Who an actor's label means (`user:<id>`, `system`, …): a name where this account may know it. */
export function useActorName(): (label: string | null | undefined) => string {
  const { t } = useTranslation();
  const { account } = useSession();
  const accounts = useQuery({
    queryKey: ["accounts", "names"],
    queryFn: () => body(client.GET("/api/accounts", { params: { query: { limit: 200 } } })),
    enabled: useMay("accounts.read"),
    staleTime: 300_000,
  });
  return (label) => {
    if (!label) return "–";
    const [kind, id] = label.split(":");
    if (kind !== "user") return t("common.system");
    if (id === account.id) return account.name;
    return accounts.data?.items.find((one) => one.id === id)?.name ?? t("common.colleague");
  };
}

/** A saved filter as the address of the customer list that it describes. */
export function filterState(filter: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).flatMap(([name, value]) => (value === null || value === undefined || value === "" ? [] : [[name, String(value)]])));
}
