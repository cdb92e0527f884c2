/**
 * Light and dark themes. `theme-boot.js` sets the stored choice before the first paint; without one, the page
 * follows the system.
 */
import { icon } from "./icons.js";

const KEY = "melicon-theme";
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");

/** "light" or "dark", as shown now. */
function currentTheme() {
  return document.documentElement.dataset.theme ?? (systemDark.matches ? "dark" : "light");
}

/** Make a button switch the theme. @param {HTMLButtonElement} button */
export function bindThemeButton(button) {
  const show = () => {
    const next = currentTheme() === "dark" ? "light" : "dark";
    button.replaceChildren(icon(next === "dark" ? "moon" : "sun"));
    button.title = `Switch to the ${next} theme`;
    button.setAttribute("aria-label", button.title);
  };
  button.addEventListener("click", () => {
    const next = currentTheme() === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem(KEY, next);
    show();
  });
  systemDark.addEventListener("change", show);
  show();
}
