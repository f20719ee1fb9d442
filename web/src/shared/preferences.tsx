import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";

import { currentLanguage, type Language, loadLanguage } from "./i18n";
import { systemDark, useMatches } from "./media";

export type ThemeChoice = "light" | "dark" | "system";

interface Preferences {
  language: Language;
  setLanguage: (language: Language) => Promise<void>;
  theme: ThemeChoice;
  setTheme: (theme: ThemeChoice) => void;
  dark: boolean;
}

const themeKey = "siyu.theme";
const Context = createContext<Preferences | null>(null);

export function storedTheme(): ThemeChoice {
  const stored = localStorage.getItem(themeKey);
  return stored === "light" || stored === "dark" ? stored : "system";
}

/** Language and theme of this browser; both survive a reload and neither belongs to the account. */
export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [language, setLanguageState] = useState<Language>(currentLanguage);
  const [theme, setThemeState] = useState<ThemeChoice>(storedTheme);
  const systemIsDark = useMatches(systemDark);
  const dark = theme === "system" ? systemIsDark : theme === "dark";

  const setLanguage = useCallback(async (next: Language) => {
    await loadLanguage(next);
    setLanguageState(next);
  }, []);
  const setTheme = useCallback((next: ThemeChoice) => {
    localStorage.setItem(themeKey, next);
    setThemeState(next);
  }, []);

  useEffect(() => {
    document.documentElement.dataset["theme"] = dark ? "dark" : "light";
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  }, [dark]);

  const value = useMemo(() => ({ language, setLanguage, theme, setTheme, dark }), [language, setLanguage, theme, setTheme, dark]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function usePreferences(): Preferences {
  const value = useContext(Context);
  if (!value) throw new Error("usePreferences is used outside PreferencesProvider");
  return value;
}
