/**
 * The assist panel's suggestions while a command is typed as text: matching commands, then the options
 * of the command, then values for the option at the caret.
 */
import { avatar, h } from "./dom.js";
import { formatCommand, parseCommand, pieceAt } from "./command-parse.js";
import { descriptionOf, nameOf, search } from "./command-tree.js";
import { Suggester, suggestionRow } from "./option-suggestions.js";

/** @typedef {import("./assist.js").Offer} Offer */

/**
 * The commands that match what follows the slash.
 *
 * @param {string} query
 * @param {(leaf: import("./command-tree.js").Leaf) => void} choose
 * @returns {Offer}
 */
function commandOffer(query, app, choose) {
  const { store } = app;
  const found = search(app.leaves, query);
  const rows = found.map((leaf, index) => ({
    key: leaf.key, testid: "command-row", pick: () => choose(leaf),
    heading: index === 0 ? (query.trim() ? `Commands matching “${query.trim()}”` : `${store.bot.username}’s commands`) : undefined,
    content: [
      avatar({ ...store.bot, bot: true }, "s"),
      h("span", { class: "row-main" },
        h("span", { class: "command-title" }, highlighted(`/${leaf.title}`, query),
          leaf.options.map((option) => h("span", { class: option.required ? "option-tag required" : "option-tag" }, nameOf(option, store.me.locale)))),
        h("small", {}, leaf.description)),
    ],
  }));
  const empty = rows.length > 0 ? null : h("p", { class: "assist-empty" }, store.commands.length === 0
    ? store.bot.online ? "The bot has not registered any commands yet." : "The bot is not online yet; its commands will appear here."
    : `No command matches “${query.trim()}”.`);
  return { key: "commands", head: empty, rows, active: rows.length > 0 ? 0 : -1, label: "Commands", testid: "command-menu" };
}

function highlighted(title, query) {
  const wanted = query.trim().toLowerCase();
  const at = wanted ? title.toLowerCase().indexOf(wanted) : -1;
  if (at < 0) return [h("b", {}, title)];
  return [h("b", {}, title.slice(0, at), h("mark", {}, title.slice(at, at + wanted.length)), title.slice(at + wanted.length))];
}

/** "/melicon  description" and, when one is being filled in, that option. */
export function commandHead(leaf, option, locale) {
  const detail = option
    ? [h("span", { class: "option-tag focus" }, nameOf(option, locale)), descriptionOf(option, locale), option.required ? h("em", {}, " required") : null]
    : [leaf.description];
  return h("div", { class: "command-head" }, h("b", {}, `/${leaf.title}`), h("span", {}, detail));
}

/**
 * Suggestions for the composer's text: local ones at once, then the bot's.
 *
 * @param {HTMLTextAreaElement} field
 * @param {{app: object, suggester: Suggester, choose: (leaf: object) => void, insert: (from: number, to: number, text: string) => void}} how
 * @param {(offer: Offer|null) => void} show
 */
export async function offerForText(field, { app, suggester, choose, insert }, show) {
  const text = field.value;
  suggester.cancel();
  if (!text.startsWith("/") || text.includes("\n")) {
    show(null);
    return;
  }
  const locale = app.store.me.locale;
  const parsed = parseCommand(text, app.leaves, locale);
  const { leaf } = parsed;
  if (leaf === null || (parsed.pieces.length === 0 && !/\s$/.test(text))) {
    show(commandOffer(parsed.query, app, choose));
    return;
  }
  const piece = pieceAt(parsed, field.selectionStart);
  const head = commandHead(leaf, piece?.option ?? null, locale);
  const base = { key: `${leaf.key}:${piece?.option?.name ?? ""}`, head, active: -1, label: `/${leaf.title}`, testid: "command-help" };
  const named = new Set(parsed.pieces.map((item) => item.option?.name));
  const unnamed = leaf.options.filter((option) => !named.has(option.name));
  const optionRows = unnamed.map((option) => ({
    key: option.name, testid: "option-row", pick: () => {
      const gap = /\s$/.test(text) ? "" : " ";
      insert(text.length, text.length, `${gap}${nameOf(option, locale)}:`);
    },
    content: [h("span", { class: option.required ? "option-tag required" : "option-tag" }, nameOf(option, locale)), h("span", { class: "row-main" }, h("small", {}, descriptionOf(option, locale)))],
  }));
  const finished = piece === null || (piece.raw !== "" && /\s$/.test(text) && field.selectionStart === text.length);
  if (finished) {
    show({ ...base, head: commandHead(leaf, null, locale), rows: optionRows });
    return;
  }
  show({ ...base, rows: [] });
  if (!Suggester.offers(piece.option, app.store.directory)) return;
  const found = await suggester.ask(leaf, piece.option, piece.raw, parsed.values);
  if (found === null || field.value !== text) return;
  const rows = found.map((item) => suggestionRow(item, () => {
    const shown = item.user || item.mark ? `${item.mark ?? "@"}${item.name.replace(/^[@#]/, "")}` : item.value;
    const line = formatCommand({ ...leaf, options: [piece.option] }, new Map([[piece.option.name, shown]]), locale);
    insert(piece.start, piece.end, `${line.slice(line.indexOf(":") + 1)} `);
  }));
  show({ ...base, rows });
}
