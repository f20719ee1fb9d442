// What really happened, in figures to compare with.

import { button, call, h, instant, number, paint, t, town } from "./base.js";

const ROWS = {
  contacts: ["customers", "follows"],
  tasks: ["sends", "cancelled", "tasks", "tasks_confirmed"],
  deliveries: ["recipients", "sent", "unsent", "not_friend", "full"],
  openings: ["link_openings", "link_opened"],
  orders: ["orders", "orders_told", "orders_organic", "orders_caused", "refunds", "refunds_told", "margin_caused", "expected_extra_orders"],
};

export async function books(main) {
  const table = h("table");
  const note = h("p");
  const facts = h("dl");
  const read = async () => {
    const told = await call("books/summary");
    note.textContent = t("books.as_of", { at: instant(told.business) });
    paint(table, told, () => Object.entries(ROWS).map(([part, names]) => h("tbody", {}, h("tr", {}, h("th", { colspan: "2", scope: "rowgroup" }, t(`books.${part}`))), names.map((name) => line(name, told[name])))));
  };
  main.append(h("section", { class: "card" }, h("div", { class: "head" }, h("h1", {}, t("books.title")), button(t("books.read"), read)), h("p", {}, t("books.hint")), note, table));
  main.append(h("section", { class: "card" }, h("h2", {}, t("books.sandbox")), facts));
  await read();

  return async () => {
    const about = await call("about");
    paint(facts, about, () => [
      fact("corp", about.corp_id), fact("rule", t(`rule.${about.send_rule}`)), fact("zone", about.timezone), fact("seed", about.seed),
      fact("shop", about.shop || t("books.no_shop")), fact("callback", about.callbacks.join(" ") || t("callbacks.nowhere")), fact("hosts", about.link_hosts.join(" ")), fact("address", town.about.url),
    ].flat());
  };
}

function line(name, value) {
  return h("tr", {}, h("th", { scope: "row" }, t(`figure.${name}`)), h("td", {}, name === "margin_caused" ? `¥${number(value)}` : number(value)));
}

const fact = (name, value) => [h("dt", {}, t(`books.${name}`)), h("dd", {}, String(value))];
