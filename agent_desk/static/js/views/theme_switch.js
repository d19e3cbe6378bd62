/** Light, dark, or as the system says; remembered on this machine. `js/theme.js` sets it early. */
import { part, setText } from "./dom.js";

const NEXT = { system: "light", light: "dark", dark: "system" };

export function themeSwitch(root, { t, storage }) {
  const button = part(root, "theme");
  const show = (theme) => setText(part(root, "theme-name"), t(`theme.${theme}`));
  let theme = document.documentElement.dataset.theme ?? "system";
  show(theme);
  button.addEventListener("click", () => {
    theme = NEXT[theme];
    storage.setItem("theme", theme);
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    show(theme);
  });
}
