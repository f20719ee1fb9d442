// Lists of people: found by a search field, more of them on demand; what was typed and shown stays while one looks around.

import { button, call, debounce, field, h, number, paint, t } from "./base.js";

const PAGE = 50;
const typed = {};
const shown = {};

export function people(kind, chosen, row) {
  const search = h("input", { type: "search", value: typed[kind] ?? "", placeholder: t(`${kind}.search_hint`), autocomplete: "off" });
  const list = h("ul", { class: "people" });
  const node = h("aside", { "aria-label": t(`${kind}.list`) }, field(t(`${kind}.search`), search), list);

  async function refresh() {
    typed[kind] = search.value;
    const page = await paged(kind, (limit) => call(`books/${kind === "customers" ? "people" : "staff"}?${new URLSearchParams({ q: search.value, limit })}`));
    const first = !list.hasChildNodes();
    paint(list, [page.found, page.more, chosen], () => [...(page.found.length ? page.found.map(line) : [h("li", { class: "empty" }, t("nobody"))]), further(kind, page.more, refresh)]);
    const current = first && list.querySelector("[aria-current]");
    if (current) list.scrollTop = current.offsetTop - list.offsetTop - list.clientHeight / 2;
  }

  function line(one) {
    const { id, name, note, badge } = row(one);
    const link = h("a", { href: `#${kind}/${encodeURIComponent(id)}`, "data-focus": id, "aria-current": id === chosen ? "true" : null });
    link.append(h("span", { class: "name" }, name), h("small", {}, note));
    if (badge) link.append(h("span", { class: "badge", title: t("staff.open_tasks") }, String(badge)));
    return h("li", {}, link);
  }

  search.addEventListener("input", debounce(() => from(kind, refresh)));
  return [node, refresh];
}

// As many as are wanted by now, and whether there are more: one is asked for beyond them.
export async function paged(name, ask) {
  const most = shown[name] ?? PAGE;
  const found = await ask(String(most + 1));
  return { found: found.slice(0, most), more: found.length > most };
}

// The way to the next page; nothing where there is none.
export function further(name, more, refresh) {
  const next = () => {
    shown[name] = (shown[name] ?? PAGE) + PAGE;
    return refresh();
  };
  return more && h("li", { class: "more" }, button(t("more", { count: number(PAGE) }), next, { "data-focus": `more-${name}` }));
}

// Another search begins with its first page.
export function from(name, refresh) {
  shown[name] = PAGE;
  return refresh();
}

// How it stands between two people, in a word's name; empty for friends.
export function relation(one) {
  if (one.half) return "half";
  if (one.left_by_customer) return "left_by_customer";
  if (one.handed_on) return "handed_on";
  return one.left_by_staff ? "left_by_staff" : "";
}

export const back = (kind) => h("a", { class: "back", href: `#${kind}` }, `← ${t(`${kind}.list`)}`);
