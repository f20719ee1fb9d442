import "./notice.css";

interface Notice {
  title: string;
  text: string;
  action?: { label: string; href: string };
}

/** A page of words only, in the browser's language; for fronts that have nothing to show outside their own place. */
export function showNotice(words: { zh: Notice; en: Notice }): void {
  const isEnglish = (navigator.languages[0] ?? "zh").toLowerCase().startsWith("en");
  const { title, text, action } = isEnglish ? words.en : words.zh;
  document.documentElement.lang = isEnglish ? "en-US" : "zh-CN";
  document.title = title;
  const root = document.querySelector("#root");
  const heading = Object.assign(document.createElement("h1"), { textContent: title });
  const paragraph = Object.assign(document.createElement("p"), { textContent: text });
  root?.replaceChildren(heading, paragraph);
  if (action) root?.append(Object.assign(document.createElement("a"), { textContent: action.label, href: action.href }));
}
