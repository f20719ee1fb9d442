import type { Locale } from "antd/es/locale";
import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import type albums from "./albums.zh-CN.json";
import type alerts from "./alerts.zh-CN.json";
import type contacts from "./contacts.zh-CN.json";
import type groups from "./groups.zh-CN.json";
import type handovers from "./handovers.zh-CN.json";
import type intake from "./intake.zh-CN.json";
import type losses from "./losses.zh-CN.json";
import type markings from "./markings.zh-CN.json";
import type sending from "./sending.zh-CN.json";
import type staff from "./staff.zh-CN.json";
import type published from "./published.zh-CN.json";
import type statistics from "./statistics.zh-CN.json";
import type tags from "./tags.zh-CN.json";
import type ways from "./ways.zh-CN.json";
import type welcomes from "./welcomes.zh-CN.json";
import type zh from "./zh-CN.json";

export const languages = ["zh-CN", "en-US"] as const;
export type Language = (typeof languages)[number];

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof zh & typeof albums & typeof alerts & typeof contacts & typeof groups & typeof handovers & typeof intake & typeof losses & typeof markings & typeof published & typeof sending & typeof statistics & typeof staff & typeof tags & typeof ways & typeof welcomes };
  }
}

const storageKey = "siyu.language";
const antdLocales = new Map<Language, Locale>();

/** One chunk a language: words, and the component library's own words and calendar. */
const loaders: Record<Language, () => Promise<[{ default: object }, { default: Locale }]>> = {
  "zh-CN": () => Promise.all([import("./zh-CN.json"), import("antd/es/locale/zh_CN"), import("dayjs/locale/zh-cn")]).then(([words, locale]) => [words, locale]),
  "en-US": () => Promise.all([import("./en-US.json"), import("antd/es/locale/en_US")]),
};

/** Words that few pages need, fetched with the first of them. */
const parts = {
  albums: { "zh-CN": () => import("./albums.zh-CN.json"), "en-US": () => import("./albums.en-US.json") },
  alerts: { "zh-CN": () => import("./alerts.zh-CN.json"), "en-US": () => import("./alerts.en-US.json") },
  groups: { "zh-CN": () => import("./groups.zh-CN.json"), "en-US": () => import("./groups.en-US.json") },
  sending: { "zh-CN": () => import("./sending.zh-CN.json"), "en-US": () => import("./sending.en-US.json") },
  staff: { "zh-CN": () => import("./staff.zh-CN.json"), "en-US": () => import("./staff.en-US.json") },
  tags: { "zh-CN": () => import("./tags.zh-CN.json"), "en-US": () => import("./tags.en-US.json") },
  handovers: { "zh-CN": () => import("./handovers.zh-CN.json"), "en-US": () => import("./handovers.en-US.json") },
  intake: { "zh-CN": () => import("./intake.zh-CN.json"), "en-US": () => import("./intake.en-US.json") },
  losses: { "zh-CN": () => import("./losses.zh-CN.json"), "en-US": () => import("./losses.en-US.json") },
  markings: { "zh-CN": () => import("./markings.zh-CN.json"), "en-US": () => import("./markings.en-US.json") },
  welcomes: { "zh-CN": () => import("./welcomes.zh-CN.json"), "en-US": () => import("./welcomes.en-US.json") },
  ways: { "zh-CN": () => import("./ways.zh-CN.json"), "en-US": () => import("./ways.en-US.json") },
  published: { "zh-CN": () => import("./published.zh-CN.json"), "en-US": () => import("./published.en-US.json") },
  statistics: { "zh-CN": () => import("./statistics.zh-CN.json"), "en-US": () => import("./statistics.en-US.json") },
  contacts: { "zh-CN": () => import("./contacts.zh-CN.json"), "en-US": () => import("./contacts.en-US.json") },
} satisfies Record<string, Record<Language, () => Promise<{ default: object }>>>;
type Part = keyof typeof parts;
const fetched = new Set<Part>();

async function addPart(part: Part, language: Language): Promise<void> {
  i18next.addResourceBundle(language, "translation", (await parts[part][language]()).default, true, true);
}

/** Fetches a page together with its words; a change of language brings them along from then on. */
export async function withWords<Page>(part: Part, page: Promise<Page>): Promise<Page> {
  fetched.add(part);
  const [found] = await Promise.all([page, addPart(part, currentLanguage())]);
  return found;
}

export function preferredLanguage(stored: string | null, browser: readonly string[]): Language {
  if (languages.includes(stored as Language)) return stored as Language;
  const first = browser[0]?.toLowerCase() ?? "zh";
  return first.startsWith("zh") ? "zh-CN" : first.startsWith("en") ? "en-US" : "zh-CN";
}

export function currentLanguage(): Language {
  return i18next.language === "en-US" ? "en-US" : "zh-CN";
}

export function antdLocale(language: Language): Locale | undefined {
  return antdLocales.get(language);
}

/** Fetches the words of a language and makes it the page's. */
export async function loadLanguage(language: Language): Promise<void> {
  const [words, locale] = await loaders[language]();
  antdLocales.set(language, locale.default);
  i18next.addResourceBundle(language, "translation", words.default, true, true);
  await Promise.all([...fetched].map((part) => addPart(part, language)));
  await i18next.changeLanguage(language);
  localStorage.setItem(storageKey, language);
  document.documentElement.lang = language;
}

export async function startI18n(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: {},
    fallbackLng: false,
    partialBundledLanguages: true,
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
    returnNull: false,
  });
  await loadLanguage(preferredLanguage(localStorage.getItem(storageKey), navigator.languages));
}
