// The page: key, clock, five views, and a look at the town every two seconds.

import { NoKey, begin, button, call, field, h, onActed, say, t, takeKey, toasts, town, useKey } from "./base.js";
import { books } from "./books.js";
import { callbacks } from "./callbacks.js";
import { clock } from "./clock.js";
import { customers } from "./customers.js";
import { faults } from "./faults.js";
import { staff } from "./staff.js";

const VIEWS = { customers, staff, faults, callbacks, books };
let main = h("main");
const nav = h("nav", { "aria-label": t("parts") });
let refresh = async () => {};
let time;
let looking = false;
let again = false;

function route() {
  const [name, ...rest] = location.hash.slice(1).split("/").map(decodeURIComponent);
  return VIEWS[name] ? [name, rest] : ["customers", []];
}

// Each view gets a fresh place, so that a slow one cannot write into the next.
async function show() {
  const [name, rest] = route();
  for (const link of nav.children) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const fresh = h("main", { tabindex: "-1", class: name });
  main.replaceWith(fresh);
  main = fresh;
  refresh = async () => {};
  await guarded(async () => {
    const seen = await VIEWS[name](fresh, rest);
    if (fresh !== main) return;
    refresh = seen;
    await refresh();
    if (document.activeElement === document.body && rest.length) fresh.focus({ preventScroll: true });
  });
}

async function guarded(work) {
  try {
    await work();
  } catch (error) {
    if (error instanceof NoKey) askForKey(error.message);
    else say(error.message, "bad");
  }
}

// One look at a time; who asks meanwhile gets another after it.
async function look() {
  again = true;
  if (looking) return;
  looking = true;
  while (again) {
    again = false;
    await guarded(() => Promise.all([time(), refresh()]));
  }
  looking = false;
}

function askForKey(wrong) {
  refresh = async () => {};
  time = async () => {};
  const input = h("input", { type: "password", required: true, autocomplete: "off" });
  const form = h("form", { class: "card key" }, h("h1", {}, t("key.title")), h("p", {}, t("key.where")), h("code", {}, "sandbox.json → control_key"));
  form.append(field(t("key.label"), input), h("p", { class: "wrong", role: "alert" }, wrong ? t("key.wrong") : ""), h("button", { class: "primary" }, t("key.go")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    useKey(input.value.trim());
    start();
  });
  document.body.replaceChildren(h("main", { class: "alone" }, form, otherLanguage()), toasts);
  input.focus();
}

function otherLanguage() {
  const other = document.documentElement.lang === "zh-CN" ? "en-US" : "zh-CN";
  return button(t("other_language"), () => (location.search = `?lang=${other}`), { class: "plain", lang: other });
}

async function start() {
  await guarded(async () => {
    town.about = await call("about");
    town.timezone = town.about.timezone;
    const [strip, tick] = clock();
    time = tick;
    nav.replaceChildren(...Object.keys(VIEWS).map((name) => h("a", { href: `#${name}`, "data-view": name }, t(`views.${name}`))));
    nav.setAttribute("aria-label", t("parts"));
    const brand = h("div", { class: "brand" }, h("strong", {}, town.about.brand), h("small", {}, t("subtitle")));
    const skip = button(t("skip"), () => main.focus(), { class: "skip" });
    document.body.replaceChildren(skip, h("header", {}, brand, strip, otherLanguage(), nav), main, toasts);
    await time();
    await show();
  });
}

await begin();
say("");
addEventListener("hashchange", () => (takeKey() ? start() : main.isConnected && show()));
onActed(look);
setInterval(() => document.visibilityState === "visible" && !document.body.hasAttribute("aria-busy") && time && look(), 2000);
await start();
