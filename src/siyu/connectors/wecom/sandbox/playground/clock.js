// The town's time: how late it is, how fast it goes, and steps.

import { act, button, call, choices, h, instant, t, town } from "./base.js";

const SPEEDS = [0, 1, 60, 600, 3600];

export function clock() {
  const now = h("time", { class: "now" });
  const pace = h("select", { "aria-label": t("clock.pace"), onchange: () => act(() => call("clock", { speed: Number(pace.value) })) });
  const step = (seconds, text) => button(text, () => act(() => call("step", { seconds, coalesce: 600 }), t("clock.stepped", { step: text })));
  const strip = h("div", { class: "clock", role: "group", "aria-label": t("clock.title") }, now, pace, step(3600, t("clock.hour")), step(86400, t("clock.day")));

  async function tick() {
    const told = await call("clock");
    town.speed = told.speed;
    now.textContent = instant(told.business);
    now.setAttribute("datetime", told.business);
    const speeds = SPEEDS.includes(told.speed) ? SPEEDS : [...SPEEDS, told.speed];
    choices(pace, speeds.map((speed) => [String(speed), speed ? t("clock.times", { speed }) : t("clock.still")]));
    if (document.activeElement !== pace) pace.value = String(told.speed);
  }

  return [strip, tick];
}
