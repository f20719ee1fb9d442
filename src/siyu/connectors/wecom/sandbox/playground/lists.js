// A list of people with a search field; the text typed stays while one looks around.

import { call, debounce, field, h, paint, t } from "./base.js";

const typed = {};

export function people(kind, chosen, row) {
  const search = h("input", { type: "search", value: typed[kind] ?? "", placeholder: t(`${kind}.search_hint`), autocomplete: "off" });
  const list = h("ul", { class: "people" });
  const node = h("aside", { "aria-label": t(`${kind}.list`) }, field(t(`${kind}.search`), search), list);

  async function refresh() {
    typed[kind] = search.value;
    const query = new URLSearchParams({ q: search.value, limit: "50" });
    const found = await call(`books/${kind === "customers" ? "people" : "staff"}?${query}`);
    const first = !list.hasChildNodes();
    paint(list, [found, chosen], () => (found.length ? found.map(line) : h("li", { class: "empty" }, t("nobody"))));
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

  search.addEventListener("input", debounce(refresh));
  return [node, refresh];
}

export const back = (kind) => h("a", { class: "back", href: `#${kind}` }, `← ${t(`${kind}.list`)}`);
