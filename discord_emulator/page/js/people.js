/**
 * Menus about messages and people: the "⋯" of a message with the bot's message commands, and the card that opens
 * from an avatar with the bot's user commands.
 */
import { contextCommands, nameOf } from "./command-tree.js";
import { avatar, h } from "./dom.js";
import { icon } from "./icons.js";
import { personName } from "./option-parsing.js";
import { closePopover, moveFocus, openMenu, openPopover } from "./popover.js";
import { toast } from "./toast.js";
import { CommandType } from "./types.js";

/** The names of a persona's roles. @param {import("./types.js").User} user */
export function roleNames(user, roles) {
  const named = (user.roles ?? []).map((role) => typeof role === "string" ? roles.find((item) => item.id === role)?.name ?? (/^\d+$/.test(role) ? null : role) : role.name);
  return named.filter((name) => name && name !== "@everyone");
}

/** "Owner of the bot", "Moderator", … */
export function standing(user) {
  if (user.bot) return "Bot";
  return { owner: "Owns the bot", moderator: "Moderator", member: "Member", stranger: "Newcomer" }[user.role] ?? user.role ?? "";
}

async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${what} copied.`, "info");
  } catch {
    toast(`${what}: ${text}`, "info");
  }
}

/** @param {import("./types.js").Message} message @param {HTMLElement} anchor */
export function openMessageMenu(message, anchor, app) {
  const apps = contextCommands(app.store.commands, CommandType.MESSAGE);
  openMenu(anchor, [
    message.content ? { label: "Copy text", icon: icon("copy"), run: () => copy(message.content, "Text") } : null,
    { label: "Copy message ID", icon: icon("hash"), run: () => copy(message.id, "Message ID") },
    ...(apps.length > 0 ? [{ heading: "Apps" }] : []),
    ...apps.map((command) => ({
      label: nameOf(command, app.store.me.locale), icon: avatar({ ...app.store.bot }, "xs"), hint: app.store.bot.username, testid: "app-command",
      run: () => app.actions.contextCommand(command, message.id),
    })),
  ].filter(Boolean), "Message");
}

/** @param {import("./types.js").User} user @param {HTMLElement} anchor */
export function openUserCard(user, anchor, app) {
  const apps = contextCommands(app.store.commands, CommandType.USER);
  const action = (label, symbol, run, testid = "menu-item") => h("button", {
    type: "button", class: "menu-item", data: { testid }, on: { click: () => {
      closePopover(true);
      run();
    } },
  }, symbol, h("span", { class: "menu-label" }, label));
  const roles = roleNames(user, app.store.roles);
  const card = h("div", { class: "user-card", role: "dialog", "aria-label": `About ${personName(user)}`, data: { testid: "user-card" } },
    h("div", { class: "user-card-top" }, avatar(user, "l"),
      h("div", {}, h("strong", {}, personName(user), user.bot ? h("span", { class: "badge" }, "BOT") : null), h("small", {}, `@${user.username}`))),
    h("p", { class: "user-card-role" }, standing(user)),
    roles.length > 0 ? h("p", { class: "role-list" }, roles.map((name) => h("span", { class: "role" }, name))) : null,
    h("div", { class: "user-card-actions" },
      action("Mention", icon("at"), () => app.composer.setText(`${app.composer.field.value}<@${user.id}> `)),
      action("Copy user ID", icon("hash"), () => copy(user.id, "User ID")),
      apps.length > 0 ? h("div", { class: "menu-heading" }, "Apps") : null,
      apps.map((command) => action(nameOf(command, app.store.me.locale), avatar({ ...app.store.bot }, "xs"),
        () => app.actions.contextCommand(command, user.id), "app-command"))));
  card.addEventListener("keydown", (event) => moveFocus(event, [...card.querySelectorAll("button")]));
  if (openPopover(anchor, card)) card.querySelector("button")?.focus();
}
