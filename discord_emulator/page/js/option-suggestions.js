/**
 * Suggestions for an option's value: local ones (choices, users, channels, roles), or the
 * bot's autocomplete response (debounced).
 */
import { avatar, h } from "./dom.js";
import { icon } from "./icons.js";
import { score, wrapOptions } from "./command-tree.js";
import { knownValues } from "./option-parsing.js";

const DEBOUNCE = 180; // ms
const MOST = 25; // Discord's limit

/** @typedef {{name: string, value: string, hint?: string, user?: object, mark?: string}} Suggestion */

export class Suggester {
  constructor(app) {
    this.app = app;
  }

  /** Whether values of this option can be picked from a list. */
  static offers(option, directory) {
    return Boolean(option.autocomplete) || knownValues(option, directory) !== null;
  }

  /**
   * @param {import("./command-tree.js").Leaf} leaf
   * @param {import("./types.js").Option} option the one being filled in
   * @param {string} typed
   * @param {Map<string, string>} values the other options' raw values
   * @returns {Promise<Suggestion[]|null>} null when a newer request has replaced this one
   */
  async ask(leaf, option, typed, values) {
    this.cancel();
    const known = knownValues(option, this.app.store.directory);
    if (known) return rank(known, typed.replace(/^[@#]/, ""));
    if (!option.autocomplete) return [];
    const controller = new AbortController();
    this.controller = controller;
    await new Promise((resolve) => setTimeout(resolve, DEBOUNCE));
    if (controller.signal.aborted) return null;
    const given = leaf.options
      .filter((item) => item.name !== option.name && values.has(item.name))
      .map((item) => ({ name: item.name, type: item.type, value: values.get(item.name) }));
    const focused = { name: option.name, type: option.type, value: typed, focused: true };
    try {
      const choices = await this.app.api.autocomplete({
        channel_id: this.app.store.channelId, command_id: leaf.command.id, options: wrapOptions(leaf, [...given, focused]),
      }, controller.signal);
      if (controller.signal.aborted) return null;
      return choices.slice(0, MOST).map((choice) => ({ name: choice.name, value: String(choice.value) }));
    } catch (error) {
      return error.name === "AbortError" ? null : [];
    }
  }

  cancel() {
    this.controller?.abort();
    this.controller = null;
  }
}

function rank(known, typed) {
  return known
    .map((item) => ({ item, points: Math.max(score(item.name, typed), item.hint ? score(item.hint, typed) : 0) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
    .map(({ item }) => item)
    .slice(0, MOST);
}

/** A suggestion as a row of the assist panel. @param {Suggestion} item @param {() => void} pick */
export function suggestionRow(item, pick) {
  const sign = item.user ? avatar(item.user, "xs") : item.mark ? icon(item.mark === "#" ? "hash" : "at") : null;
  return {
    key: item.value, testid: "suggestion", pick,
    content: [sign, h("span", { class: "row-main" }, item.name, item.hint ? h("small", {}, item.hint) : null)].filter(Boolean),
  };
}
