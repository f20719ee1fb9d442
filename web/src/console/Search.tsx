import { EnterOutlined, SearchOutlined, ShoppingOutlined, UserOutlined } from "@ant-design/icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Input, Modal } from "antd";
import { type KeyboardEvent, type ReactNode, useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";

import { body, client } from "@/shared/api";
import { useMay, useSession } from "@/shared/session";
import { useGo } from "@/shared/ui/Go";
import { address } from "@/shared/urlState";
import { pages } from "./pages";

interface Hit {
  to: string;
  label: string;
  note?: string | undefined;
  icon: ReactNode;
}

/** Finds customers, orders and pages; arrows choose, Enter goes, Esc leaves. */
export default function Search({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const { permissions } = useSession();
  const go = useGo();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const wanted = useDeferredValue(text.trim());
  const maySeeCustomers = useMay("customers.read");
  const found = useQuery({
    queryKey: ["search", wanted],
    queryFn: () => body(client.GET("/api/search", { params: { query: { q: wanted } } })),
    enabled: wanted.length > 0,
    placeholderData: keepPreviousData,
  });

  const places = pages.flatMap((page): Hit[] => {
    if (!page.menu || (page.permission && !permissions.includes(page.permission))) return [];
    const label = t(`menu.${page.menu.name}`);
    return label.toLowerCase().includes(wanted.toLowerCase()) ? [{ to: page.path, label, icon: page.menu.icon }] : [];
  });
  const people = (wanted ? (found.data?.customers ?? []) : []).map(
    (one): Hit => ({ to: `/customers/${one.id}`, label: one.name ?? t("customers.nameless", { number: one.id.slice(-6) }), note: one.city ?? undefined, icon: <UserOutlined aria-hidden /> }),
  );
  const orders = (wanted ? (found.data?.orders ?? []) : []).map(
    (one): Hit => ({ to: address("/orders", { order: one.id }), label: one.order_no, note: one.customer?.name ?? undefined, icon: <ShoppingOutlined aria-hidden /> }),
  );
  const all = wanted && maySeeCustomers ? [{ to: address("/customers", { q: wanted }), label: t("shell.searchAll", { text: wanted }), icon: <SearchOutlined aria-hidden /> }] : [];
  const hits: Hit[] = [...people, ...orders, ...places, ...all];
  const index = Math.min(chosen, hits.length - 1);

  const follow = (hit: Hit | undefined) => {
    if (!hit) return;
    close();
    go(hit.to);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.nativeEvent.isComposing) follow(hits[index]);
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0 || hits.length === 0) return;
    event.preventDefault();
    setChosen((index + step + hits.length) % hits.length);
  };
  return (
    <Modal open footer={null} closable={false} onCancel={close} width={560} style={{ top: 80 }} title={<span className="sr-only">{t("shell.search")}</span>} className="search-dialog">
      <Input
        autoFocus
        size="large"
        variant="borderless"
        prefix={<SearchOutlined aria-hidden />}
        value={text}
        placeholder={t("shell.search")}
        aria-label={t("shell.search")}
        role="combobox"
        aria-expanded
        aria-controls="search-hits"
        aria-activedescendant={hits[index] ? `search-hit-${index}` : undefined}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
        onKeyDown={press}
      />
      <div id="search-hits" role="listbox" aria-label={t("shell.search")} className="search-hits">
        {hits.map((hit, position) => (
          // The field keeps the focus: arrows move the choice, a pointer follows it.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={hit.to}
            id={`search-hit-${position}`}
            role="option"
            tabIndex={-1}
            aria-selected={position === index}
            className={position === index ? "search-hit search-hit-chosen" : "search-hit"}
            onMouseEnter={() => setChosen(position)}
            onClick={() => follow(hit)}
          >
            <span aria-hidden>{hit.icon}</span>
            <span className="grow">{hit.label}</span>
            {hit.note && <span className="page-note">{hit.note}</span>}
            {position === index && <EnterOutlined aria-hidden />}
          </div>
        ))}
      </div>
      {wanted && found.isSuccess && people.length + orders.length === 0 && <p className="page-note search-none">{t("shell.searchNone")}</p>}
    </Modal>
  );
}
