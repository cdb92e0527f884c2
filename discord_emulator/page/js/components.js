/**
 * The buttons and select menus under a message.
 */
import { avatar, h, safeUrl } from "./dom.js";
import { emojiIcon, icon } from "./icons.js";
import { Listbox } from "./listbox.js";
import { personName } from "./option-parsing.js";
import { closePopover, openPopover } from "./popover.js";
import { ComponentType as C } from "./types.js";

/** @typedef {import("./types.js").Component} Component */

const LINK = 5;

/** @param {import("./types.js").Message} message */
export function componentRows(message, app) {
  const rows = (message.components ?? []).filter((row) => row.type === C.ROW);
  if (rows.length === 0) return null;
  const pending = app.pending.of(message.id);
  const busy = new Set(pending.filter((entry) => entry.state === "waiting").map((entry) => entry.customId));
  const failed = pending.find((entry) => entry.state === "failed");
  return h("div", { class: "components", data: { testid: "components" } },
    rows.map((row) => h("div", { class: "component-row" }, row.components.map((component) =>
      component.type === C.BUTTON ? button(component, message, app, busy) : select(component, message, app, busy)))),
    failed ? h("p", { class: "interaction-failed", role: "alert", data: { testid: "interaction-failed" } }, icon("warn"), failed.error) : null);
}

function button(component, message, app, busy) {
  const label = [component.emoji ? emojiIcon(component.emoji) : null, component.label ? h("span", {}, component.label) : null];
  const name = component.label ? null : component.emoji?.name ?? "Button";
  if (component.style === LINK) {
    const url = safeUrl(component.url ?? "");
    return h("a", {
      class: "button button-2", href: url, target: "_blank", rel: "noopener noreferrer", "aria-label": name,
    }, label, icon("external"));
  }
  const waiting = busy.has(component.custom_id);
  return h("button", {
    type: "button", class: `button button-${component.style ?? 2}${waiting ? " busy" : ""}`, "aria-label": name, title: name,
    disabled: component.disabled, "aria-busy": waiting ? "true" : null,
    data: { testid: "button", customId: component.custom_id },
    on: { click: () => {
      if (!waiting) app.actions.press(message, component, []);
    } },
  }, label);
}

/** A select menu's options. @returns {import("./types.js").SelectOption[]} */
function selectOptions(component, store) {
  const people = () => store.directory.users.map((user) => ({ label: personName(user), value: user.id, user }));
  const roles = () => store.roles.map((role) => ({ label: `@${role.name.replace(/^@/, "")}`, value: role.id }));
  switch (component.type) {
    case C.USER_SELECT: return people();
    case C.ROLE_SELECT: return roles();
    case C.MENTIONABLE_SELECT: return [...people(), ...roles()];
    case C.CHANNEL_SELECT: return store.channels.map((channel) => ({ label: `#${channel.name}`, value: channel.id }));
    default: return component.options ?? [];
  }
}

/** A list in a popover: one click sends a single choice, several are sent when the list closes. */
function select(component, message, app, busy) {
  const waiting = busy.has(component.custom_id);
  return selectMenu(component, app.store, {
    busy: waiting, onDone: (values) => app.actions.press(message, component, values),
  });
}

/**
 * @param {Component} component
 * @param {{busy?: boolean, onDone: (values: string[]) => void, container?: HTMLElement}} how
 */
export function selectMenu(component, store, { busy = false, onDone }) {
  const options = selectOptions(component, store);
  const least = component.min_values ?? 1;
  const most = component.max_values ?? 1;
  let chosen = new Set(options.filter((option) => option.default).map((option) => option.value));
  const face = h("span", { class: "select-face" });
  const trigger = h("button", {
    type: "button", class: `select${busy ? " busy" : ""}`, role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "false",
    "aria-label": component.placeholder || "Choose", disabled: component.disabled, "aria-busy": busy ? "true" : null,
    data: { testid: "select", customId: component.custom_id },
  }, face, icon("down"));

  function showFace() {
    const names = options.filter((option) => chosen.has(option.value)).map((option) => option.label);
    face.textContent = names.length > 0 ? names.join(", ") : component.placeholder || "Make a selection";
    face.classList.toggle("placeholder", names.length === 0);
  }

  function open() {
    if (busy) return;
    const before = [...chosen].join();
    const list = new Listbox({ label: component.placeholder || "Options", multi: most > 1, className: "select-list", testid: "select-list", edges: true, onPick: pick });
    const rows = () => options.map((option) => ({
      key: option.value, selected: chosen.has(option.value), testid: "select-option",
      content: [
        option.user ? avatar(option.user, "xs") : option.emoji ? emojiIcon(option.emoji) : null,
        h("span", { class: "row-main" }, option.label, option.description ? h("small", {}, option.description) : null),
        chosen.has(option.value) ? icon("check", "chosen") : null,
      ].filter(Boolean),
    }));
    function pick(index) {
      const { value } = options[index];
      if (most === 1) {
        chosen = new Set([value]);
        showFace();
        closePopover(true);
        return;
      }
      if (chosen.has(value)) chosen.delete(value);
      else if (chosen.size < most) chosen.add(value);
      showFace();
      list.show(rows(), index);
    }
    const keys = (event) => {
      if (list.move(event)) return;
      if ((event.key === "Enter" || event.key === " ") && list.active >= 0) {
        event.preventDefault();
        event.stopPropagation();
        pick(list.active);
      }
    };
    list.show(rows(), options.findIndex((option) => chosen.has(option.value))); // before it is placed: its size counts
    const shown = openPopover(trigger, list.node, { matchWidth: true, onClose: () => {
      trigger.removeEventListener("keydown", keys);
      list.detach();
      const changed = [...chosen].join() !== before;
      if (changed && chosen.size >= least) onDone([...chosen]);
    } });
    if (!shown) return;
    list.attach(trigger);
    list.setActive(list.active);
    trigger.addEventListener("keydown", keys);
  }

  trigger.addEventListener("click", open);
  trigger.addEventListener("keydown", (event) => {
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && trigger.getAttribute("aria-expanded") !== "true") {
      event.preventDefault();
      open();
    }
  });
  showFace();
  return trigger;
}
