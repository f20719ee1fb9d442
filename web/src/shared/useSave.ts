import { useEffect } from "react";

/** ⌘S and Ctrl+S do what the page's main button does, instead of saving the web page. */
export function useSave(save: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key !== "s" || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      save();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [save]);
}
