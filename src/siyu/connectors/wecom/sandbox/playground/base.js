// What every part of the page needs: words, elements, calls with the key, and a place for what happened.

const KEY = "siyu.sandbox.key";
let words = {};
let key = "";
export const town = { timezone: "Asia/Shanghai", speed: 0, about: null };

export class Refused extends Error {}
export class NoKey extends Error {}

export async function begin() {
  words = await (await fetch(`page/${document.documentElement.lang}.json`)).json();
  if (!takeKey()) key = localStorage.getItem(KEY) ?? "";
}

// The key behind the # of the link at the terminal; it does not stay in the address.
export function takeKey() {
  if (!location.hash.startsWith("#key=")) return false;
  useKey(decodeURIComponent(location.hash.slice(5)));
  history.replaceState(null, "", location.pathname + location.search);
  return true;
}

export function useKey(given) {
  key = given;
  localStorage.setItem(KEY, given);
}

// The words for a name; {n} is filled in. A name without words is shown as it is.
export function t(name, values = {}) {
  const text = name.split(".").reduce((at, part) => at?.[part], words);
  return typeof text === "string" ? text.replace(/\{(\w+)\}/g, (_, value) => values[value] ?? "") : name;
}

export const known = (name) => typeof name.split(".").reduce((at, part) => at?.[part], words) === "string";

// An element. Texts become text nodes, so markup in a name stays a name.
export function h(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function button(text, act, more = {}) {
  return h("button", { type: "button", onclick: act, ...more }, text);
}

let fields = 0;

// A labelled field; the label stands above it.
export function field(label, input, more = {}) {
  input.id ||= `field-${(fields += 1)}`;
  return h("div", { class: "field", ...more }, h("label", { for: input.id }, label), input);
}

const BRIEF = 120;

// A text of any length as an element; a long one is cut, with all of it on hover and on demand.
export function brief(text, tag = "p") {
  const letters = [...text];
  if (letters.length <= BRIEF) return h(tag, {}, text);
  const short = `${letters.slice(0, BRIEF).join("")}…`;
  const summary = h("summary", { title: text }, short);
  const node = h("details", { ontoggle: () => (summary.textContent = node.open ? t("shorter") : short) }, summary, h(tag, {}, text));
  return node;
}

export const option = (value, text) => h("option", { value }, text);

const shown = new WeakMap();

// Replace what a node holds when the data behind it changed; whoever had the focus keeps it.
export function paint(node, data, build) {
  const fresh = JSON.stringify(data);
  if (shown.get(node) === fresh) return false;
  shown.set(node, fresh);
  const place = node.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  node.replaceChildren(...[build(data)].flat().filter(Boolean));
  if (place) node.querySelector(`[data-focus="${CSS.escape(place)}"]`)?.focus();
  return true;
}

// The choices of a list; what was chosen stays chosen.
export function choices(select, items) {
  const before = select.value;
  if (paint(select, items, () => items.map(([value, text]) => option(value, text)))) {
    if (items.some(([value]) => value === before)) select.value = before;
  }
  select.disabled = items.length === 0 || (items.length === 1 && items[0][0] === "");
}

export async function call(path, body, method = body === undefined ? "GET" : "POST") {
  if (!key) throw new NoKey();
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refused(t("errors.offline"));
  }
  if (answer.status === 401) throw new NoKey("wrong");
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(wording(told.detail, answer.status));
  return told;
}

const fieldName = (name) => (known(`faults.parameter_${name}`) ? t(`faults.parameter_${name}`) : name);

function wording(detail, status) {
  if (typeof detail === "string") return known(`errors.${detail}`) ? t(`errors.${detail}`) : detail;
  if (Array.isArray(detail)) return detail.map((one) => t("errors.value", { field: fieldName(one.loc.at(-1)) })).join("; ");
  return t("errors.status", { status });
}

const toast = h("div", { class: "toast", role: "status" });
let fading;

export const toasts = toast;

export function say(text, kind = "good") {
  clearTimeout(fading);
  toast.className = `toast ${kind}`;
  toast.setAttribute("role", kind === "bad" ? "alert" : "status");
  toast.replaceChildren(h("span", {}, text), button("×", () => say(""), { class: "plain", "aria-label": t("close") }));
  toast.hidden = !text;
  if (kind === "good") fading = setTimeout(() => (toast.hidden = true), 6000);
}

let busy = false;
const after = [];
export const onActed = (listener) => after.push(listener);

// Do something as a person: one thing at a time, then a second of the town's time when its clock stands, then look again.
export async function act(work, done) {
  if (busy) return;
  busy = true;
  document.body.setAttribute("aria-busy", "true");
  try {
    const told = await work();
    if (town.speed === 0) await call("step", { seconds: 1 });
    const text = typeof done === "function" ? done(told) : done;
    if (told?.changed === false) say(t("nothing_changed"), "plain-news");
    else if (text) say(text);
    return told;
  } catch (error) {
    if (error instanceof NoKey) throw error;
    say(error instanceof Refused ? error.message : String(error), "bad");
  } finally {
    busy = false;
    document.body.removeAttribute("aria-busy");
    for (const listener of after) await listener();
  }
}

export function instant(iso) {
  return new Date(iso).toLocaleString("sv-SE", { timeZone: town.timezone, dateStyle: "short", timeStyle: "short" });
}

export const number = (value) => new Intl.NumberFormat(document.documentElement.lang).format(value);

export function debounce(work, milliseconds = 250) {
  let waiting;
  return () => {
    clearTimeout(waiting);
    waiting = setTimeout(work, milliseconds);
  };
}
