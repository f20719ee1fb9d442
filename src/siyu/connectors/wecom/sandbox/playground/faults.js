// What is made to fail: the standing faults, and all that can be switched on.

import { act, button, call, field, h, paint, t } from "./base.js";

const PARAMETERS = {
  timeout_before: ["seconds", 30], timeout_after: ["seconds", 30], http_500: ["status", 502], rate_limited: ["seconds", 60], code: ["code", 40096],
  slow: ["seconds", 30], late_apply: ["seconds", 60], listing_lag: ["seconds", 30], fail_list: ["share", 0.5],
  push_doubled: ["times", 4], push_late: ["seconds", 86400], push_shuffled: ["seconds", 30],
};
const PATHS = ["*", "gettoken", "user/list", "externalcontact/list", "externalcontact/get", "externalcontact/batch/get_by_user", "externalcontact/add_msg_template", "externalcontact/get_groupmsg_list_v2", "externalcontact/get_groupmsg_send_result", "externalcontact/send_welcome_msg", "externalcontact/add_moment_task", "externalcontact/groupchat/list"];
const CHANGES = ["*", "add_external_contact", "add_half_external_contact", "del_follow_user", "del_external_contact", "edit_external_contact", "update"];

export async function faults(main) {
  const standing = h("ul", { class: "plain-list" });
  const clear = button(t("faults.clear"), () => act(() => call("faults", undefined, "DELETE"), t("faults.cleared")));
  const seed = h("input", { type: "number", value: "1", step: "1", required: true });
  const storm = h("form", { class: "row" }, field(t("faults.seed"), seed), h("button", {}, t("faults.brew")));
  storm.addEventListener("submit", (event) => {
    event.preventDefault();
    act(() => call("faults/storm", { seed: Number(seed.value) }), (told) => t("faults.brewed", { count: told.faults, skew: told.skew }));
  });
  const now = h("section", { class: "card" }, h("div", { class: "head" }, h("h1", {}, t("faults.title")), clear), h("p", {}, t("faults.hint")), standing, storm);
  const calls = h("section", { class: "card" });
  const pushes = h("section", { class: "card" });
  main.append(now, calls, pushes);
  calls.append(...choosing("calls", PATHS));
  pushes.append(...choosing("pushes", CHANGES));

  const { kinds } = await call("faults");
  for (const kind of Object.keys(kinds)) (kind.startsWith("push_") ? pushes : calls).querySelector("ul").append(offer(kind, kind.startsWith("push_") ? pushes : calls));

  return async () => {
    const told = (await call("faults")).faults.filter((one) => one.remaining !== 0);
    clear.disabled = !told.length;
    paint(standing, told, () => (told.length ? told.map(line) : h("li", { class: "empty" }, t("faults.none"))));
  };
}

// Where and how often; the switches below use it.
function choosing(part, paths) {
  const where = h("select", { name: "path" }, paths.map((path) => h("option", { value: path }, path === "*" ? t(`faults.all_${part}`) : path)));
  const share = h("input", { type: "number", name: "share", min: "1", max: "100", value: "100" });
  const times = h("input", { type: "number", name: "times", min: "1", placeholder: t("faults.endless") });
  return [h("h2", {}, t(`faults.${part}`)), h("div", { class: "row" }, field(t(`faults.where_${part}`), where), field(t("faults.share"), share), field(t("faults.times"), times)), h("ul", { class: "plain-list kinds" })];
}

function offer(kind, card) {
  const [name, usual] = PARAMETERS[kind] ?? [];
  const parameter = name && h("input", { type: "number", step: "any", value: String(usual), "aria-label": `${kind} ${t(`faults.parameter_${name}`)}` });
  const on = button(t("faults.on"), () => act(order, t("faults.ordered")), { "aria-label": t("faults.on_name", { kind }) });

  function order() {
    const path = card.querySelector("[name=path]").value;
    const times = card.querySelector("[name=times]").value;
    return call("faults", {
      kind,
      path: path === "*" || kind.startsWith("push_") ? path : `/cgi-bin/${path}`,
      probability: Number(card.querySelector("[name=share]").value) / 100,
      count: times ? Number(times) : null,
      params: name ? { [name]: Number(parameter.value) } : {},
    });
  }

  const text = h("span", {}, t(`fault.${kind}`), h("small", {}, kind));
  return h("li", {}, text, h("span", { class: "acts" }, parameter && h("label", { class: "inline" }, t(`faults.parameter_${name}`), parameter), on));
}

function line(one) {
  const left = one.remaining === null ? t("faults.without_end") : t("faults.left", { count: one.remaining });
  const where = one.path === "*" ? t("faults.everywhere") : one.path;
  const parameters = Object.entries(one.params).map(([name, value]) => `${t(`faults.parameter_${name}`)} ${value}`);
  const note = [where, `${Math.round(one.probability * 1000) / 10}%`, left, t("faults.fired", { fired: one.fired, met: one.met }), ...parameters].join(" · ");
  const off = button(t("faults.off"), () => act(() => call(`faults?id=${one.id}`, undefined, "DELETE"), t("faults.switched_off")), { "data-focus": `off-${one.id}`, "aria-label": t("faults.off_name", { kind: one.kind }) });
  return h("li", {}, h("span", {}, t(`fault.${one.kind}`), h("small", {}, note)), off);
}
