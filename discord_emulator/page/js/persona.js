/**
 * The persona switcher at the foot of the side bar. Each persona has its own connection and view
 * (their language, their commands, their ephemeral messages); the choice is stored in the URL (?user=).
 */
import { avatar, h, replace } from "./dom.js";
import { icon } from "./icons.js";
import { personName } from "./option-parsing.js";
import { roleNames, standing } from "./people.js";
import { openMenu } from "./popover.js";

/** The persona named in the address, if any. */
export function personaFromAddress() {
  return new URLSearchParams(location.search).get("user");
}

/** Store the persona in the URL without navigation. */
export function rememberPersona(id) {
  const url = new URL(location.href);
  url.searchParams.set("user", id);
  history.replaceState(null, "", url);
}

/** @param {HTMLElement} holder */
export function bindPersona(holder, app) {
  const { store } = app;
  const about = (user) => {
    const roles = roleNames(user, store.roles);
    const language = user.locale && !user.locale.startsWith("en") ? ` · ${languageName(user.locale)}` : "";
    return (roles.length > 0 && user.role !== "owner" ? roles.join(", ") : standing(user)) + language;
  };
  const draw = () => {
    if (!store.loaded) return;
    const { me } = store;
    const button = h("button", {
      type: "button", class: "persona", "aria-haspopup": "menu", "aria-expanded": "false", data: { testid: "persona", userId: me.id, role: me.role },
      on: { click: () => openMenu(button, [
        { heading: "Try the bot as" },
        ...store.users.map((user) => ({
          label: personName(user), hint: about(user), icon: avatar(user, "s"), checked: user.id === me.id, testid: `persona-${user.role}`,
          run: () => app.become(user.id),
        })),
      ], "Personas") },
    }, avatar(me), h("span", { class: "persona-text" }, hidden("You are "), h("strong", {}, personName(me)), " ", h("small", {}, about(me)),
    hidden(". Switch to someone else")), icon("down"));
    replace(holder, h("div", { class: "persona-caption", "aria-hidden": "true" }, "You are"), button);
  };
  store.on("state", draw);
}

const hidden = (text) => h("span", { class: "visually-hidden" }, text);

function languageName(locale) {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(locale);
  } catch {
    return locale;
  }
}
