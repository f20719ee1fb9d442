import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { body, client } from "@/shared/api";

/** What a tag id says; a tag that is deleted says so. */
export function useTagNames(): (id: string) => string {
  const { t } = useTranslation();
  const libraries = useQuery({ queryKey: ["tags"], queryFn: () => body(client.GET("/api/tags")) });
  const names = new Map((libraries.data ?? []).flatMap((library) => library.groups.flatMap((group) => group.tags.map((tag) => [tag.id, tag.name] as const))));
  return (id) => names.get(id) ?? t("markings.tagGone");
}
