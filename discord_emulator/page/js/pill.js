/**
 * An option of a chosen command: its name and its field or file button.
 */
import { descriptionOf, nameOf } from "./command-tree.js";
import { h, uid } from "./dom.js";
import { icon } from "./icons.js";
import { OptionType } from "./types.js";

/**
 * @typedef {import("./types.js").Option} Option
 * @typedef {{option: Option, node: HTMLElement, field: HTMLElement, input: HTMLInputElement|null, file: File|null,
 *            picked: {name: string, value: string}|null}} Pill
 *     `field` takes the focus; `input` is null for files; `picked` is the chosen suggestion.
 */

export const CHOOSE_FILE = "Choose a file";

/**
 * @param {Option} option
 * @param {string|undefined} locale
 * @param {{file: (pill: Pill, file: File|null) => void, input: (pill: Pill) => void, focus: (pill: Pill) => void,
 *          blur: (pill: Pill) => void, keydown: (pill: Pill, event: KeyboardEvent) => void,
 *          remove: (pill: Pill) => void}} on
 * @returns {Pill}
 */
export function makePill(option, locale, on) {
  const label = uid("option");
  const own = uid("file");
  /** @type {Pill} */
  const pill = { option, file: null, picked: null, input: null, node: null, field: null };
  let chooser = null;
  if (option.type === OptionType.ATTACHMENT) {
    chooser = h("input", {
      type: "file", class: "visually-hidden", tabindex: "-1", "aria-hidden": "true", data: { testid: `option-file-${option.name}` },
      on: { change: () => on.file(pill, chooser.files[0] ?? null) },
    });
    pill.field = h("button", {
      type: "button", class: "pill-file", id: own, "aria-labelledby": `${label} ${own}`, data: { testid: `option-${option.name}` },
      on: { click: () => chooser.click(), keydown: (event) => on.keydown(pill, event) },
    }, CHOOSE_FILE);
  } else {
    pill.input = pill.field = h("input", {
      class: "pill-input", autocomplete: "off", spellcheck: "false", size: "4", role: "combobox", "aria-labelledby": label,
      "aria-expanded": "false", "aria-autocomplete": "list", "aria-required": option.required ? "true" : null,
      inputmode: { [OptionType.INTEGER]: "numeric", [OptionType.NUMBER]: "decimal" }[option.type], data: { testid: `option-${option.name}` },
      on: {
        input: () => on.input(pill), focus: () => on.focus(pill), blur: () => on.blur(pill), keydown: (event) => on.keydown(pill, event),
      },
    });
  }
  const name = nameOf(option, locale);
  const remove = option.required ? null : h("button", {
    type: "button", class: "pill-remove", "aria-label": `Remove ${name}`, tabindex: "-1", on: { click: () => on.remove(pill) },
  }, icon("close"));
  pill.node = h("span", { class: "pill", data: { option: option.name } },
    h("span", { class: "pill-name", id: label, title: descriptionOf(option, locale) }, name,
      option.required ? h("span", { class: "required-mark", title: "required" }, "*") : null),
    pill.field, chooser, remove);
  return pill;
}
