/**
 * A chosen command in the composer: its name and one pill per option, each with its own field. Options that are not
 * required wait as dashed pills until they are clicked.
 */
import { h, replace } from "./dom.js";
import { icon } from "./icons.js";
import { commandHead } from "./command-menu.js";
import { descriptionOf, nameOf } from "./command-tree.js";
import { checkCommand, checkValue } from "./option-parsing.js";
import { CHOOSE_FILE, makePill } from "./pill.js";
import { suggestionRow, Suggester } from "./option-suggestions.js";
import { OptionType } from "./types.js";

/** @typedef {import("./types.js").Option} Option */
/** @typedef {import("./pill.js").Pill} Pill */

export class OptionPills {
  /**
   * @param {import("./command-tree.js").Leaf} leaf
   * @param {{app: object, assist: import("./assist.js").Assist, suggester: Suggester, onSubmit: () => void,
   *          onCancel: () => void, onProblem: (text: string|null) => void}} how
   */
  constructor(leaf, how) {
    this.leaf = leaf;
    this.how = how;
    this.locale = how.app.store.me.locale;
    /** @type {Map<string, Pill>} */
    this.pills = new Map();
    this.name = h("button", {
      type: "button", class: "command-chip", data: { testid: "command-chip" }, "aria-label": `/${leaf.title}: change the command`,
      on: { click: () => how.onCancel(), keydown: (event) => this.chipKey(event) },
    }, `/${leaf.title}`);
    this.holder = h("span", { class: "pill-holder" });
    this.more = h("span", { class: "pill-more" });
    this.node = h("div", { class: "pills", role: "group", "aria-label": `/${leaf.title}`, data: { testid: "options" } }, this.name, this.holder, this.more);
    this.node.addEventListener("keydown", (event) => {
      if (event.defaultPrevented) return;
      const send = event.key === "Enter" && (event.ctrlKey || event.metaKey);
      if (event.key !== "Escape" && !send) return;
      event.preventDefault();
      if (send) how.onSubmit();
      else how.onCancel();
    });
    for (const option of leaf.options) if (option.required) this.add(option);
    this.drawMore();
  }

  /** Focus the first field that needs input. */
  focus(name = null) {
    const wanted = name ? this.pills.get(name) : null;
    const empty = [...this.pills.values()].find((pill) => this.raw(pill) === "" && !pill.file);
    const first = this.leaf.options[0];
    if (!wanted && !empty && this.pills.size === 0 && first) this.add(first);
    (wanted ?? empty ?? [...this.pills.values()].at(-1))?.field.focus();
    if (this.pills.size === 0) this.name.focus();
  }

  /** The text of a pill: what was picked stands for its name. */
  raw(pill) {
    if (!pill.input) return "";
    return pill.picked && pill.input.value === pill.picked.name ? pill.picked.value : pill.input.value;
  }

  values() {
    const given = [...this.pills.values()].filter((pill) => pill.input && pill.input.value !== "");
    return new Map(given.map((pill) => [pill.option.name, this.raw(pill)]));
  }

  files() {
    const given = [...this.pills.values()].filter((pill) => pill.file);
    return new Map(given.map((pill) => [pill.option.name, pill.file]));
  }

  /** Fill in options by name (from typed text). */
  fill(values) {
    for (const option of this.leaf.options) {
      if (!values.has(option.name)) continue;
      const pill = this.pills.get(option.name) ?? this.add(option);
      if (pill.input) pill.input.value = values.get(option.name);
      this.grow(pill);
    }
  }

  /** Assign files to empty file options; a single file option is replaced.
   * @param {File[]} files
   * @returns {File[]} those for which there was no option */
  takeFiles(files) {
    const takers = this.fileOptions;
    const free = takers.length === 1 ? takers : takers.filter((option) => !this.pills.get(option.name)?.file);
    free.slice(0, files.length).forEach((option, index) => {
      this.setFile(this.pills.get(option.name) ?? this.add(option), files[index]);
    });
    return files.slice(free.length);
  }

  /** @returns {Option[]} */
  get fileOptions() {
    return this.leaf.options.filter((option) => option.type === OptionType.ATTACHMENT);
  }

  /** Check everything. @returns {{options: object[], files: Map<string, File>}|null} null: the problem is shown */
  result() {
    const { options, problem } = checkCommand(this.leaf, this.values(), this.files(), this.how.app.store.directory);
    if (problem === null) return { options, files: this.files() };
    const pill = this.pills.get(problem.option.name) ?? this.add(problem.option);
    this.mark(pill, problem.message);
    pill.field.focus();
    return null;
  }

  /** @param {Option} option @returns {Pill} */
  add(option) {
    /** @type {Pill} */
    const pill = makePill(option, this.locale, {
      file: (taken, file) => this.setFile(taken, file), input: (taken) => this.typed(taken), focus: (taken) => this.suggest(taken),
      blur: (taken) => this.left(taken), keydown: (taken, event) => this.pillKey(event, taken), remove: (taken) => this.remove(taken),
    });
    this.pills.set(option.name, pill);
    this.holder.append(pill.node);
    this.drawMore();
    return pill;
  }

  remove(pill) {
    this.pills.delete(pill.option.name);
    pill.node.remove();
    this.how.onProblem(null);
    this.how.assist.hide();
    this.drawMore();
    ([...this.pills.values()].at(-1)?.field ?? this.name).focus();
  }

  drawMore() {
    const rest = this.leaf.options.filter((option) => !this.pills.has(option.name));
    replace(this.more, rest.map((option) => h("button", {
      type: "button", class: "pill-add", title: descriptionOf(option, this.locale), data: { testid: `add-${option.name}` },
      on: { click: () => this.add(option).field.focus() },
    }, icon("plus"), nameOf(option, this.locale))));
  }

  setFile(pill, file) {
    pill.file = file;
    pill.field.textContent = file ? file.name : CHOOSE_FILE;
    pill.node.classList.toggle("filled", Boolean(file));
    if (file) {
      this.mark(pill, null);
      pill.field.focus(); // also when it was dropped or pasted: Enter sends
    }
  }

  typed(pill) {
    this.grow(pill);
    this.mark(pill, null);
    this.suggest(pill);
  }

  grow(pill) {
    if (pill.input) pill.input.size = Math.min(40, Math.max(4, pill.input.value.length + 1));
  }

  async suggest(pill) {
    const { app, assist, suggester } = this.how;
    const typed = pill.input.value;
    const head = commandHead(this.leaf, pill.option, this.locale);
    const base = { key: `${this.leaf.key}:${pill.option.name}`, head, active: -1, label: nameOf(pill.option, this.locale), testid: "option-help" };
    if (assist.key !== base.key) assist.show({ ...base, rows: [] }, pill.input);
    const query = pill.picked?.name === typed && !pill.option.autocomplete ? "" : typed;
    const found = await suggester.ask(this.leaf, pill.option, query, this.values());
    if (found === null || document.activeElement !== pill.input) return;
    const rows = found.map((item) => suggestionRow(item, () => {
      pill.picked = { name: item.name, value: item.value };
      pill.input.value = item.name;
      this.grow(pill);
      this.mark(pill, null);
      assist.hide();
      this.next(pill);
    }));
    assist.show({ ...base, rows }, pill.input);
  }

  /** After a pick, focus the next empty pill, if any. */
  next(pill) {
    const all = [...this.pills.values()];
    all.slice(all.indexOf(pill) + 1).find((item) => this.raw(item) === "" && !item.file)?.field.focus();
  }

  left(pill) {
    this.how.suggester.cancel();
    if (!this.node.contains(document.activeElement)) this.how.assist.hide();
    if (pill.input.value === "") return;
    const checked = checkValue(pill.option, this.raw(pill), this.how.app.store.directory);
    if ("error" in checked) this.mark(pill, `${nameOf(pill.option, this.locale)} ${checked.error}`);
  }

  mark(pill, message) {
    pill.node.classList.toggle("wrong", message !== null);
    if (message === null) pill.field.removeAttribute("aria-invalid");
    else pill.field.setAttribute("aria-invalid", "true");
    this.how.onProblem(message);
  }

  pillKey(event, pill) {
    const { assist, onSubmit, onCancel } = this.how;
    if (!pill.input) {
      this.fileKey(event, pill);
      return;
    }
    if (event.isComposing || assist.move(event)) return;
    if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey && assist.list.active >= 0)) {
      event.preventDefault();
      if (!assist.pick()) onSubmit();
    } else if (event.key === "Escape" && assist.open && assist.rows.length > 0) {
      event.preventDefault();
      assist.hide();
    } else if (event.key === "Backspace" && pill.input.value === "") {
      event.preventDefault();
      if (pill.option.required) onCancel();
      else this.remove(pill);
    }
  }

  /** On the button of a file: Enter sends once there is one (Space chooses another), Backspace takes it away. */
  fileKey(event, pill) {
    if (event.key === "Enter" && pill.file) {
      event.preventDefault();
      this.how.onSubmit();
    } else if (event.key === "Backspace") {
      event.preventDefault();
      if (pill.file) this.setFile(pill, null);
      else if (pill.option.required) this.how.onCancel();
      else this.remove(pill);
    }
  }

  chipKey(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      this.how.onSubmit();
    } else if (event.key === "Backspace") {
      event.preventDefault();
      this.how.onCancel();
    }
  }
}
