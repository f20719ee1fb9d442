// The last callbacks: what they told, whether they arrived, once more.

import { act, brief, button, call, h, known, paint, t, town } from "./base.js";

export async function callbacks(main) {
  const list = h("ul", { class: "plain-list pushes" });
  const target = h("p");
  main.append(h("section", { class: "card" }, h("h1", {}, t("callbacks.title")), target, list));

  return async () => {
    const [told, about] = await Promise.all([call("books/pushes?last=50"), call("about")]);
    paint(target, about.callbacks, (urls) => (urls.length ? [t("callbacks.to"), ...urls.map((url) => h("code", {}, url))] : t("callbacks.nowhere")));
    const open = new Set([...list.querySelectorAll("details[open]")].map((one) => one.dataset.id));
    paint(list, told, () => (told.length ? told.reverse().map((one) => line(one, open)) : h("li", { class: "empty" }, t("callbacks.none"))));
  };
}

function line(one, open) {
  const tried = one.tries.at(-1);
  const good = one.state === "done" && tried?.status === 200;
  const state = one.state === "open" ? t(one.tries.length ? "callbacks.repeating" : "callbacks.open") : good ? t("callbacks.arrived") : t(one.state === "failed" ? "callbacks.lost" : "callbacks.answered", { status: tried?.status ?? "" });
  const at = new Date(one.created_machine * 1000).toLocaleString("sv-SE", { timeZone: town.timezone });
  const again = button(t("callbacks.again"), () => act(() => call("pushes/again", { id: one.id }), t("callbacks.pushed")), { "data-focus": `again-${one.id}`, "aria-label": t("callbacks.again_number", { id: one.id }) });
  const details = h("details", { "data-id": String(one.id), open: open.has(String(one.id)) }, h("summary", { "data-focus": `see-${one.id}` }, t("callbacks.see")), h("pre", {}, one.body), tries(one));
  const words = `event.${one.event.replace("/", "_")}`;
  const name = h("span", {}, h("strong", {}, known(words) ? t(words) : one.event), brief([one.event, ...about(one.body)].join(" · "), "code"), h("small", {}, [`#${one.id}`, at, t("callbacks.tries", { count: one.tries.length })].join(" · ")), details);
  return h("li", {}, name, h("span", { class: "acts" }, h("span", { class: `mark ${good ? "good" : one.state === "open" ? "" : "bad"}` }, state), again));
}

// Who and what it is about, by their ids.
function about(body) {
  const read = new DOMParser().parseFromString(body, "text/xml");
  return ["UserID", "ExternalUserID", "ChatId", "State"].map((name) => read.querySelector(name)?.textContent).filter(Boolean);
}

function tries(one) {
  return h("ol", {}, one.tries.map((each) => h("li", {}, each.error ?? `HTTP ${each.status}`)));
}
