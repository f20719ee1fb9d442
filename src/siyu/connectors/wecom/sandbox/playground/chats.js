// One chat as a side sees it: what was sent, what was said, links to open, an answer.

import { act, brief, button, call, field, h, instant, paint, t } from "./base.js";

// `as`: "customer" or "member". `heading` names the other side.
export function chat(as, pair, heading, extras) {
  const log = h("ol", { class: "lines", "aria-label": t("chat.lines"), tabindex: "0" });
  const first = h("p", { class: "first-words", role: "status" });
  const text = h("input", { autocomplete: "off", required: true, maxlength: "1000", placeholder: t(`chat.hint_${as}`) });
  const form = h("form", { class: "answer" }, field(t("chat.say"), text), h("button", { class: "primary" }, t("chat.send")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const told = await act(() => call("messages", { ...pair, text: text.value, by: as }));
    if (told) text.value = "";
  });
  const node = h("section", { class: "card chat", "aria-label": t("chat.title", { name: heading }) });
  node.append(h("div", { class: "head" }, h("h2", {}, heading), h("div", { class: "acts" }, extras)), log, first, form);

  async function refresh() {
    const told = await call(`books/chats?${new URLSearchParams({ ...pair, last: "60" })}`);
    const grown = paint(log, told.lines, (lines) => (lines.length ? lines.map(line) : h("li", { class: "empty" }, t("chat.empty"))));
    if (grown) log.scrollTop = log.scrollHeight;
    const welcome = told.welcome && told.welcome.state !== "sent" ? t(`chat.welcome_${told.welcome.state}`, { seconds: told.welcome.seconds_left }) : "";
    if (first.textContent !== welcome) first.textContent = welcome;
  }

  function line(one) {
    const mine = one.by === as;
    const bubble = h("div", { class: "bubble" }, one.kind === "answer" ? h("em", {}, t("chat.answered")) : null, one.text ? h("p", {}, one.text) : null);
    bubble.append(...one.attachments.map(attachment));
    if (as === "customer" && one.link) bubble.append(opening(one));
    const kind = one.kind === "text" || one.kind === "answer" ? "" : ` · ${t(`chat.kind_${one.kind}`)}`;
    const who = mine ? t("chat.me") : heading;
    return h("li", { class: mine ? "mine" : "theirs" }, h("small", {}, `${who} · ${instant(one.at)}${kind}`), bubble);
  }

  function opening(one) {
    const open = button(one.opened ? t("chat.opened") : t("chat.open"), () => act(() => call("links/openings", { external_userid: pair.external_userid, message: one.id }), opened), {
      disabled: one.opened,
      "data-focus": `open-${one.id}`,
    });
    const order =
      one.kind === "send" &&
      button(t("chat.order"), () => act(() => call("orders", { external_userid: pair.external_userid, msgid: one.id }), ordered), { "data-focus": `order-${one.id}` });
    return h("div", { class: "acts" }, open, order);
  }

  return [node, refresh];
}

function opened(told) {
  if (!told.fetched) return t("chat.opened_elsewhere", { url: told.url });
  return told.status === null ? t("chat.opened_nobody") : t("chat.opened_status", { status: told.status });
}

export function ordered(told) {
  return t(told.status === null ? "orders.made_untold" : "orders.made", { amount: told.amount, order_no: told.order_no, status: told.status });
}

export function attachment(one) {
  const part = one[one.msgtype] ?? {};
  const card = h("div", { class: "attachment" }, h("small", {}, t(`attachment.${one.msgtype}`)));
  if (part.title) card.append(h("strong", {}, part.title));
  if (part.desc) card.append(brief(part.desc, "span"));
  if (part.url || part.page) card.append(brief(part.url ?? part.page, "code"));
  return card;
}
