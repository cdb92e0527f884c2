/**
 * Converts typed text to option values: each option type is validated here, with an error message
 * for the user. Users, channels and roles come from the given directory. No DOM.
 */
import { nameOf } from "./command-tree.js";
import { OptionType as T } from "./types.js";

/**
 * @typedef {import("./types.js").Option} Option
 * @typedef {{users: import("./types.js").User[], channels: import("./types.js").Channel[],
 *            roles: import("./types.js").Role[], locale?: string}} Directory
 * @typedef {{value: any}|{error: string}} Checked
 */

const TRUE = new Set(["true", "yes", "on", "1", "oui", "vrai", "はい"]);
const FALSE = new Set(["false", "no", "off", "0", "non", "faux", "いいえ"]);

/** A user's display name. */
export const personName = (user) => user.global_name || user.username;

/** @type {Object<number, (option: Option, raw: string, directory: Directory) => Checked>} */
const CHECKS = {
  [T.STRING]: checkString,
  [T.INTEGER]: (option, raw) => checkNumber(option, raw, /^[+-]?\d{1,16}$/, "a whole number"),
  [T.NUMBER]: (option, raw) => checkNumber(option, raw, /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, "a number"),
  [T.BOOLEAN]: (_option, raw) => {
    const word = raw.toLowerCase();
    if (TRUE.has(word)) return { value: true };
    return FALSE.has(word) ? { value: false } : { error: "must be true or false" };
  },
  [T.USER]: (_option, raw, directory) => pick(raw, people(directory), "someone in this server"),
  [T.CHANNEL]: (_option, raw, directory) => pick(raw, channels(directory), "a channel of this server"),
  [T.ROLE]: (_option, raw, directory) => pick(raw, roles(directory), "a role of this server"),
  [T.MENTIONABLE]: (_option, raw, directory) =>
    pick(raw, [...people(directory), ...roles(directory)], "someone, or a role, of this server"),
};

/**
 * @param {Option} option
 * @param {string} raw as typed or picked
 * @param {Directory} directory
 * @returns {Checked}
 */
export function checkValue(option, raw, directory) {
  if (option.choices?.length) return checkChoice(option, raw, directory.locale);
  const check = CHECKS[option.type];
  return check ? check(option, option.type === T.STRING ? raw : raw.trim(), directory) : { error: "is of a kind this page does not know" };
}

function checkChoice(option, raw, locale) {
  const wanted = raw.trim().toLowerCase();
  const names = (choice) => [choice.name, nameOf(choice, locale), String(choice.value)].map((text) => text.toLowerCase());
  const choice = option.choices.find((item) => names(item).includes(wanted));
  if (choice) return { value: choice.value };
  return { error: `must be one of: ${option.choices.map((item) => nameOf(item, locale)).join(", ")}` };
}

function checkString(option, raw) {
  const length = [...raw].length;
  if (option.min_length && length < option.min_length) return { error: `must have at least ${count(option.min_length)}` };
  if (length > (option.max_length ?? 6000)) return { error: `must have at most ${count(option.max_length ?? 6000)}` };
  return length === 0 ? { error: "is empty" } : { value: raw };
}

function checkNumber(option, raw, shape, kind) {
  const { min_value: low, max_value: high } = option;
  const between = low != null && high != null ? ` between ${low} and ${high}`
    : low != null ? ` of at least ${low}` : high != null ? ` of at most ${high}` : "";
  const value = Number(raw);
  const fits = shape.test(raw) && Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  if (!fits || (low != null && value < low) || (high != null && value > high)) return { error: `must be ${kind}${between}` };
  return { value };
}

const count = (number) => `${number} character${number === 1 ? "" : "s"}`;

/** The choices of each option type: `mark` is the prefix of its names. */
function people(directory) {
  return directory.users.map((user) => ({ id: user.id, names: [personName(user), user.username], mark: "@", user }));
}

function channels(directory) {
  return directory.channels.map((channel) => ({ id: channel.id, names: [channel.name], mark: "#" }));
}

function roles(directory) {
  return directory.roles.map((role) => ({ id: role.id, names: [role.name], mark: "@" }));
}

/** An id, a mention as Discord writes it, or a name with or without its sign. */
function pick(raw, entries, what) {
  const id = /^(?:<[@#][!&]?)?(\d{5,25})>?$/.exec(raw)?.[1];
  const name = raw.replace(/^[@#]/, "").toLowerCase();
  const found = entries.find((entry) =>
    entry.id === id || entry.id === raw || entry.names.some((item) => item.replace(/^[@#]/, "").toLowerCase() === name));
  return found ? { value: found.id } : { error: `must be ${what}` };
}

/**
 * Local suggestions for an option: choices, true/false, users,
 * channels, roles. Null for free text (which may have autocomplete from the bot).
 *
 * @param {Option} option
 * @param {Directory} directory
 * @returns {{name: string, value: string, hint?: string, user?: object, mark?: string}[]|null}
 */
export function knownValues(option, directory) {
  if (option.choices?.length) {
    return option.choices.map((choice) => ({ name: nameOf(choice, directory.locale), value: String(choice.value) }));
  }
  const entries = {
    [T.USER]: people, [T.CHANNEL]: channels, [T.ROLE]: roles,
    [T.MENTIONABLE]: (all) => [...people(all), ...roles(all)],
  }[option.type]?.(directory);
  if (entries) {
    return entries.map((entry) => ({
      name: entry.names[0], value: entry.id, user: entry.user, mark: entry.user ? undefined : entry.mark,
      hint: entry.names[1] !== entry.names[0] ? entry.names[1] : undefined,
    }));
  }
  return option.type === T.BOOLEAN ? [{ name: "True", value: "true" }, { name: "False", value: "false" }] : null;
}

/**
 * Validate a command.
 *
 * @param {import("./command-tree.js").Leaf} leaf
 * @param {Map<string, string>} values raw texts by option name
 * @param {Map<string, File>} files attachments by option name
 * @param {Directory} directory
 * @returns {{options: object[], problem: null}|{options: null, problem: {option: Option, message: string}}}
 */
export function checkCommand(leaf, values, files, directory) {
  const options = [];
  for (const option of leaf.options) {
    const label = nameOf(option, directory.locale);
    const raw = values.get(option.name);
    const fail = (why) => ({ options: null, problem: { option, message: `${label} ${why}` } });
    if (option.type === T.ATTACHMENT) {
      if (files.has(option.name)) options.push({ name: option.name, type: option.type, value: option.name });
      else if (option.required) return fail("needs a file");
      continue;
    }
    if (raw === undefined || (raw === "" && !option.required)) continue;
    const checked = checkValue(option, raw, directory);
    if ("error" in checked) return fail(raw === "" ? "is required" : checked.error);
    options.push({ name: option.name, type: option.type, value: checked.value });
  }
  const missing = leaf.options.find((option) => option.required && !options.some((given) => given.name === option.name));
  if (missing) return { options: null, problem: { option: missing, message: `${nameOf(missing, directory.locale)} is required` } };
  return { options, problem: null };
}
