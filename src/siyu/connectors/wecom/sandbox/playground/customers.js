// Being a customer: scan, add, chat, open, order, delete, groups.

import { act, button, call, choices, field, h, instant, paint, t } from "./base.js";
import { chat, ordered } from "./chats.js";
import { back, people, relation } from "./lists.js";

export async function customers(main, [id, chosen]) {
  const [list, search] = people("customers", id, (one) => ({ id: one.external_userid, name: one.name, note: `${one.city} · ${one.shop_customer_id}` }));
  main.append(list);
  if (!id) {
    main.append(h("section", { class: "card hint detail" }, h("h1", {}, t("customers.title")), h("p", {}, t("customers.hint"))));
    return search;
  }
  main.classList.add("chosen");
  const first = await call(`books/people/${encodeURIComponent(id)}`);
  const userid = chosen ?? first.friends.find(standing)?.userid ?? first.friends[0]?.userid;
  const friend = first.friends.find((one) => one.userid === userid);
  const [talk, hear] = friend ? chat("customer", { userid, external_userid: id }, friend.member, leaving(id, userid)) : [h("section", { class: "card hint" }, h("p", {}, t("customers.alone"))), async () => {}];
  const facts = h("div", { class: "facts" });
  const friends = h("ul", { class: "chips", "aria-label": t("customers.friends") });
  const [coming, walls] = comingIn(id);
  const [groups, rooms] = groupLife(id);
  const [shop, receipts] = shopping(id);
  const head = h("section", { class: "card" }, back("customers"), h("h1", {}, first.name), facts, h("h2", {}, t("customers.friends")), friends);
  main.append(h("div", { class: "detail" }, head, h("div", { class: "pair" }, talk, h("div", { class: "side" }, coming, groups, shop))));

  return async () => {
    const told = await call(`books/people/${encodeURIComponent(id)}`);
    paint(facts, told.unionid, () => [h("span", {}, `${told.province} ${told.city}`), h("code", {}, told.external_userid), h("span", {}, t("customers.shop_number", { number: told.shop_customer_id }))]);
    paint(friends, [told.friends, userid], () => (told.friends.length ? told.friends.map((one) => chip(id, one, userid)) : h("li", { class: "empty" }, t("customers.alone"))));
    if (!friend && told.friends.length) location.hash = `#customers/${encodeURIComponent(id)}/${encodeURIComponent(told.friends[0].userid)}`;
    await Promise.all([search(), hear(), walls(), rooms(told.groups), receipts(told.orders)]);
  };
}

const standing = (one) => !one.left_by_customer && !one.left_by_staff;

function chip(id, one, userid) {
  const state = relation(one);
  const link = h("a", { href: `#customers/${encodeURIComponent(id)}/${encodeURIComponent(one.userid)}`, "data-focus": one.userid, "aria-current": one.userid === userid ? "true" : null }, one.member, h("small", {}, one.userid));
  if (state) link.append(h("small", { class: "state" }, t(`relation.${state}`)));
  return h("li", {}, link);
}

function leaving(id, userid) {
  return [button(t("customers.delete"), () => act(() => call("acts", { act: "customer_deletes", userid, external_userid: id }), t("customers.deleted")), { class: "danger" })];
}

function comingIn(id) {
  const code = h("select");
  const half = h("input", { type: "checkbox", id: "half" });
  const member = h("select");
  const scan = button(t("customers.scan"), () => act(() => scanned(id, code.value, half.checked), came), { class: "primary" });
  const add = button(t("customers.add"), () => act(() => call("acts", { act: "add", userid: member.value, external_userid: id, half: half.checked }), t("customers.added", { name: member.value })));
  const node = h("section", { class: "card" }, h("h2", {}, t("customers.come")));
  node.append(h("div", { class: "row" }, field(t("customers.code"), code), scan), h("div", { class: "row" }, field(t("customers.member"), member), add));
  node.append(h("div", { class: "check" }, half, h("label", { for: "half" }, t("customers.half"))));

  async function refresh() {
    const [codes, members] = await Promise.all([call("books/codes"), call("books/staff?limit=500")]);
    const found = [
      ...codes.contact_ways.filter((one) => !one.over).map((one) => [`way/${one.config_id}`, `${t(wayKind(one))} · ${one.remark || one.state || one.config_id.slice(0, 8)} · ${one.members.slice(0, 3).join(", ")}`]),
      ...codes.acquisition_links.map((one) => [`link/${one.url}`, `${t("codes.link")} · ${one.name}`]),
      ...codes.group_codes.map((one) => [`group/${one.config_id}`, `${t("codes.group")} · ${one.remark || one.state || one.groups[0] || one.config_id.slice(0, 8)}`]),
    ];
    choices(code, found.length ? found : [["", t("codes.none")]]);
    scan.disabled = !found.length;
    choices(member, members.filter((one) => one.status !== 5).map((one) => [one.userid, `${one.name} · ${one.position} · ${one.userid}`]));
  }

  return [node, refresh];
}

const wayKind = (one) => (one.temporary ? "codes.temporary" : "codes.way");

function scanned(id, chosen, half) {
  const kind = chosen.slice(0, chosen.indexOf("/"));
  const code = chosen.slice(kind.length + 1);
  if (kind === "way") return call("acts", { act: "scan", config_id: code, external_userid: id, half });
  if (kind === "link") return call("acquisition/visits", { url: code, external_userid: id });
  return call("acts", { act: "join_group", config_id: code, external_userid: id });
}

function came(told) {
  if (told.chat_id) return t("groups.joined");
  return told.userid ? t("customers.added", { name: told.userid }) : t("customers.led_nowhere");
}

function groupLife(id) {
  const inside = h("ul", { class: "plain-list" });
  const group = h("select");
  const join = button(t("groups.join"), () => act(() => call("acts", { act: "join_group", chat_id: group.value, external_userid: id }), t("groups.joined")));
  const node = h("section", { class: "card" }, h("h2", {}, t("groups.title")), inside, h("div", { class: "row" }, field(t("groups.which"), group), join));

  async function refresh(own) {
    paint(inside, own, () => (own.length ? own.map(line) : h("li", { class: "empty" }, t("groups.none"))));
    const all = (await call("books/groups")).filter((one) => !one.dismissed && !own.some((mine) => mine.chat_id === one.chat_id));
    choices(group, all.length ? all.map((one) => [one.chat_id, t("groups.choice", { name: one.name, members: one.members })]) : [["", t("groups.no_other")]]);
    join.disabled = !all.length;
  }

  function line(one) {
    const leave = button(t("groups.leave"), () => act(() => call("acts", { act: "leave_group", chat_id: one.chat_id, external_userid: id }), t("groups.left")), { "data-focus": one.chat_id, "aria-label": t("groups.leave_name", { name: one.name }) });
    return h("li", {}, h("span", {}, one.name, h("small", {}, came_in(one))), leave);
  }

  return [node, refresh];
}

// How somebody came into a group: 3 by its code, else brought in, by whom if that is known.
function came_in(one) {
  if (one.scene === 3) return t("groups.by_code");
  return one.invitor ? t("groups.invited_by", { name: one.invitor }) : "";
}

function shopping(id) {
  const receipts = h("ul", { class: "plain-list" });
  const order = button(t("orders.order"), () => act(() => call("orders", { external_userid: id }), ordered), { class: "primary" });
  const node = h("section", { class: "card" }, h("div", { class: "head" }, h("h2", {}, t("orders.title")), order), receipts);

  async function refresh(orders) {
    paint(receipts, orders, () => (orders.length ? orders.map(line) : h("li", { class: "empty" }, t("orders.none"))));
  }

  function line(one) {
    const state = one.refunded ? t("orders.refunded") : one.http_status === null ? t("orders.untold") : one.http_status < 400 ? t("orders.told") : t("orders.refused", { status: one.http_status });
    return h("li", {}, h("span", {}, `¥${one.amount}`, h("small", {}, `${instant(one.paid_at)} · ${t(`orders.cause_${one.cause}`)}`)), h("small", {}, state));
  }

  return [node, refresh];
}
