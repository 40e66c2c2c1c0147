import { createStore, useStore } from "./store";
import { WORDS, type Language, type Words } from "./words";

export type Theme = "light" | "dark";

interface Preference {
  readonly language: Language;
  readonly theme: Theme;
}

const KEY = "sekisho-workbench:preference";

export const preference = createStore<Preference>({ ...ofTheBrowser(), ...kept() });
preference.subscribe(apply);
apply();

export function usePreference(): Preference {
  return useStore(preference);
}

export function useWords(): Words {
  return WORDS[usePreference().language];
}

function ofTheBrowser(): Preference {
  return {
    language: navigator.language.startsWith("ja") ? "ja" : "en",
    theme: matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light",
  };
}

function kept(): Partial<Preference> {
  const [language, theme] = (localStorage.getItem(KEY) ?? "").split(" ");
  return {
    ...(language === "ja" || language === "en" ? { language } : {}),
    ...(theme === "light" || theme === "dark" ? { theme } : {}),
  };
}

function apply(): void {
  const { language, theme } = preference.get();
  document.documentElement.lang = language;
  document.documentElement.dataset["theme"] = theme;
  document.title = WORDS[language].title;
  localStorage.setItem(KEY, `${language} ${theme}`);
}
