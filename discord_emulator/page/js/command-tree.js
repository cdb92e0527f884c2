/**
 * A user's view of the registered commands: localised names and descriptions, permissions,
 * subcommands flattened to "leaves" (what can be run), and fuzzy search.
 * No DOM in here; tests run it under Node.
 */
import { CommandType, OptionType } from "./types.js";

/**
 * @typedef {import("./types.js").Command} Command
 * @typedef {import("./types.js").Option} Option
 * @typedef {{command: Command, path: Option[], names: string[], title: string, description: string,
 *            options: Option[], key: string}} Leaf
 *     `names` are all the ways to type it ("daily set", "quotidien régler"), the first being the displayed `title`.
 */

/** A localised field, as Discord chooses it: the exact locale, else the default. */
function localised(table, locale, fallback) {
  return (locale && table?.[locale]) || fallback || "";
}

/** @param {{name: string, name_localizations?: object}} thing */
export const nameOf = (thing, locale) => localised(thing.name_localizations, locale, thing.name);

/** @param {{description?: string, description_localizations?: object}} thing */
export const descriptionOf = (thing, locale) =>
  localised(thing.description_localizations, locale, thing.description);

/** All slash commands in the order of registration. @returns {Leaf[]} */
export function leaves(commands, locale) {
  const found = [];
  const walk = (command, node, path) => {
    const below = (node.options ?? []).filter(
      (option) => option.type === OptionType.SUB_COMMAND || option.type === OptionType.SUB_COMMAND_GROUP);
    if (below.length > 0) {
      for (const option of below) walk(command, option, [...path, option]);
      return;
    }
    const parts = [command, ...path];
    const title = parts.map((part) => nameOf(part, locale)).join(" ");
    const plain = parts.map((part) => part.name).join(" ");
    found.push({
      command, path, title, names: title === plain ? [title] : [title, plain],
      description: descriptionOf(path.at(-1) ?? command, locale),
      options: node.options ?? [], key: `${command.id}:${plain}`,
    });
  };
  for (const command of commands) {
    if ((command.type ?? CommandType.CHAT_INPUT) === CommandType.CHAT_INPUT) walk(command, command, []);
  }
  return found;
}

/** The commands of the message menu (type 3) or the user menu (type 2). */
export function contextCommands(commands, type) {
  return commands.filter((command) => command.type === type);
}

/** Nest a leaf's options into its group and subcommand, as interactions do. */
export function wrapOptions(leaf, options) {
  return [...leaf.path].reverse().reduce(
    (inner, part) => [{ name: part.name, type: part.type, options: inner }], options);
}

/** The match score of `query` in `text`: prefix > word start > substring > subsequence > 0. */
export function score(text, query) {
  const where = text.toLowerCase();
  const what = query.toLowerCase();
  if (what === "") return 1;
  if (where === what) return 100;
  if (where.startsWith(what)) return 80 - where.length / 100;
  const inside = where.indexOf(what);
  if (inside > 0) return (/[\s_-]/.test(where[inside - 1]) ? 60 : 40) - where.length / 100;
  let at = -1;
  for (const letter of what) {
    at = where.indexOf(letter, at + 1);
    if (at < 0) return 0;
  }
  return 10 - at / 100;
}

/** Leaves that match the query, best first; the sort is stable. */
export function search(all, query) {
  const cleaned = query.trim().replace(/\s+/g, " ");
  return all
    .map((leaf) => ({ leaf, points: Math.max(
      ...leaf.names.map((name) => score(name, cleaned)),
      cleaned.length > 2 && leaf.description.toLowerCase().includes(cleaned.toLowerCase()) ? 5 : 0) }))
    .filter((item) => item.points > 0)
    .sort((a, b) => b.points - a.points)
    .map((item) => item.leaf);
}
