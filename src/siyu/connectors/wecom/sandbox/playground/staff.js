// Being a member of staff: tasks to confirm or leave, customers to chat with, to note, to tag, to delete.

import { act, brief, button, call, debounce, field, h, instant, paint, t } from "./base.js";
import { attachment, chat } from "./chats.js";
import { back, from, further, paged, people, relation } from "./lists.js";

let typed = "";

export async function staff(main, [userid, chosen]) {
  const [list, search] = people("staff", userid, (one) => ({ id: one.userid, name: one.name, note: `${one.position} · ${one.userid}`, badge: one.open_tasks }));
  main.append(list);
  if (!userid) {
    main.append(h("section", { class: "card hint detail" }, h("h1", {}, t("staff.title")), h("p", {}, t("staff.hint"))));
    return search;
  }
  main.classList.add("chosen");
  const path = `books/staff/${encodeURIComponent(userid)}`;
  const facts = h("div", { class: "facts" });
  const tasks = h("ul", { class: "tasks" });
  const customers = h("ul", { class: "chips", "aria-label": t("staff.customers") });
  const filter = h("input", { type: "search", value: typed, autocomplete: "off" });
  const first = await call(path);
  const friend = chosen ? (await call(`${path}?${new URLSearchParams({ q: chosen })}`)).friends.find((one) => one.external_userid === chosen) : null;
  const pair = friend && { userid, external_userid: chosen };
  const [talk, hear] = friend ? chat("member", pair, friend.remark || friend.customer, friend.half ? [] : leaving(pair)) : [null, async () => {}];
  const [notes, note] = friend ? noting(pair, friend, await call("books/tags")) : [null, () => {}];

  const head = h("section", { class: "card" }, back("staff"), h("h1", {}, first.name), facts);
  const asked = h("section", { class: "card" }, h("h2", {}, t("staff.tasks")), tasks);
  const known = h("section", { class: "card" }, h("h2", {}, t("staff.customers")), field(t("staff.find_customer"), filter), customers);
  const sides = friend ? [[talk, notes], [known, asked]] : [[asked], [known]];
  main.append(h("div", { class: "detail" }, head, h("div", { class: "pair" }, sides.map((side) => h("div", { class: "side" }, side)))));

  async function refresh() {
    typed = filter.value;
    const ask = async (limit) => {
      told = await call(`${path}?${new URLSearchParams({ q: filter.value, limit })}`);
      return told.friends;
    };
    let told;
    const [page, open, mine] = await Promise.all([
      paged(userid, ask),
      call(`books/tasks?${new URLSearchParams({ userid })}`),
      friend ? call(`${path}?${new URLSearchParams({ q: chosen })}`) : null,
      search(),
      hear(),
    ]);
    paint(facts, [told.department, told.customers], () => [h("span", {}, `${told.department} · ${told.position}`), h("code", {}, userid), h("span", {}, t("staff.count", { count: told.customers }))]);
    paint(tasks, open, () => (open.length ? open.map((one) => task(userid, one)) : h("li", { class: "empty" }, t("staff.no_tasks"))));
    paint(customers, [page.found, page.more, chosen], () => [...(page.found.length ? page.found.map((one) => chip(userid, one, chosen)) : [h("li", { class: "empty" }, t("nobody"))]), further(userid, page.more, refresh)]);
    const now = mine?.friends.find((one) => one.external_userid === chosen);
    if (now) note(now);
  }

  filter.addEventListener("input", debounce(() => from(userid, refresh)));
  return refresh;
}

function chip(userid, one, chosen) {
  const state = relation(one);
  const link = h("a", { href: `#staff/${encodeURIComponent(userid)}/${encodeURIComponent(one.external_userid)}`, "data-focus": one.external_userid, "aria-current": one.external_userid === chosen ? "true" : null }, one.remark || one.customer);
  if (one.remark && one.remark !== one.customer) link.append(h("small", {}, one.customer));
  if (state) link.append(h("small", { class: "state" }, t(`relation.${state}`)));
  return h("li", {}, link);
}

function leaving(pair) {
  return [button(t("staff.delete"), () => act(() => call("acts", { act: "staff_deletes", ...pair }), t("staff.deleted")), { class: "danger" })];
}

function task(userid, one) {
  const open = !one.done_at && !one.cancelled_at;
  const id = one.kind === "send" ? { msgid: one.id } : { moment_id: one.id };
  const state = one.done_at
    ? t(one.chat_type === "group" ? "task.done_groups" : "task.done", { at: instant(one.done_at), reached: one.reached, receivers: one.receivers })
    : one.cancelled_at
      ? t("task.cancelled")
      : one.kept_back_at
        ? t("task.kept_back")
        : one.planned_at
          ? t("task.planned", { at: instant(one.planned_at) })
          : t("task.left");
  const node = h("li", { class: open ? "open" : "over" });
  node.append(h("small", {}, `${t(`chat.kind_${one.kind}`)} · ${instant(one.created_at)} · ${t(one.chat_type === "group" ? "task.groups" : "task.receivers", { count: one.receivers })}`));
  if (one.text) node.append(brief(one.text));
  node.append(...one.attachments.map(attachment), h("small", { class: "state" }, state));
  if (open) {
    const confirm = button(t(`task.do_${one.kind}`), () => act(() => call(one.kind === "send" ? "confirm" : "publish", { ...id, userid }), t(`task.did_${one.kind}`)), { class: "primary", "data-focus": `do-${one.id}` });
    const leave = button(t("task.leave"), () => act(() => call("tasks/refusals", { ...id, userid }), t("task.was_left")), { disabled: !one.planned_at, "data-focus": `leave-${one.id}` });
    node.append(h("div", { class: "acts" }, confirm, leave));
  }
  return node;
}

// What a member notes about a customer, by hand.
function noting(pair, friend, all) {
  const remark = h("input", { value: friend.remark, maxlength: "20", autocomplete: "off" });
  const description = h("input", { value: friend.description, maxlength: "150", autocomplete: "off" });
  const form = h("form", { class: "row" }, field(t("notes.remark"), remark), field(t("notes.description"), description), h("button", {}, t("notes.save")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(() => call("contacts/remarks", { ...pair, remark: remark.value, description: description.value }), t("notes.saved"));
  });
  const tags = h("fieldset", { class: "tags" });
  const half = h("p", { class: "half" });
  const told = h("small", {}, t("notes.called_back"));
  const node = h("section", { class: "card" }, h("h2", {}, t("notes.title")), half, form, tags, told);

  function refresh(one) {
    paint(half, one.half, () =>
      one.half ? [h("span", {}, t("notes.half")), button(t("notes.confirm"), () => act(() => call("contacts/confirmations", pair), t("notes.confirmed")), { class: "primary" })] : null,
    );
    form.hidden = tags.hidden = told.hidden = Boolean(one.half);
    paint(tags, one.tags, () => [h("legend", {}, t("notes.tags")), ...all.map((tag) => box(tag, one.tags.includes(tag.id)))]);
  }

  function box(tag, held) {
    const input = h("input", { type: "checkbox", checked: held, "data-focus": tag.id });
    input.addEventListener("change", () => act(() => call("contacts/tags", { ...pair, [input.checked ? "add" : "remove"]: [tag.id] }), t("notes.saved")));
    return h("label", {}, input, h("span", {}, tag.name, h("small", {}, tag.group_name)));
  }

  return [node, refresh];
}
