/**
 * The composer: plain text, files, typed commands, or a chosen command with its options as pills.
 */
import { Assist } from "./assist.js";
import { offerForText } from "./command-menu.js";
import { formatCommand, parseCommand } from "./command-parse.js";
import { replace } from "./dom.js";
import { FileTray } from "./files.js";
import { History } from "./history.js";
import { checkCommand } from "./option-parsing.js";
import { OptionPills } from "./options.js";
import { Suggester } from "./option-suggestions.js";

const LONGEST = 2000; // characters; Discord's limit
const NARROW = window.matchMedia("(max-width: 760px)");

export class Composer {
  /** @param {{form: HTMLFormElement, field: HTMLTextAreaElement, editor: HTMLElement, assist: HTMLElement,
   *           tray: HTMLElement, problem: HTMLElement, attach: HTMLButtonElement, chooser: HTMLInputElement}} parts */
  constructor(app, parts) {
    this.app = app;
    this.parts = parts;
    this.field = parts.field;
    this.assist = new Assist(parts.assist);
    this.tray = new FileTray(parts.tray);
    this.suggester = new Suggester(app);
    this.history = new History();
    /** @type {OptionPills|null} */
    this.pills = null;
    this.draft = ""; // what waits in a channel where one may write, while another is shown
    parts.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("click", () => this.offer());
    this.field.addEventListener("focus", () => this.offer());
    this.field.addEventListener("blur", () => setTimeout(() => this.field !== document.activeElement && !this.pills && this.assist.hide()));
    this.field.addEventListener("keydown", (event) => this.key(event));
    parts.attach.addEventListener("click", () => parts.chooser.click());
    parts.chooser.addEventListener("change", () => {
      this.takeFiles([...parts.chooser.files]);
      parts.chooser.value = "";
    });
    app.store.on("commands", () => this.refresh());
    app.store.on("state", () => this.refresh());
    app.store.on("channel", () => this.refresh());
  }

  refresh() {
    // an unavailable command becomes plain text
    if (this.pills && !this.app.leaves.some((leaf) => leaf.key === this.pills.leaf.key)) {
      this.leavePills(formatCommand(this.pills.leaf, this.pills.values(), this.app.store.me.locale));
    }
    this.lock(!this.app.store.mayWrite);
    this.showPlaceholder();
    if (document.activeElement === this.field) this.offer();
  }

  /** As in Discord, commands need permission to write. The draft is kept. */
  lock(locked) {
    if (locked === this.field.disabled) return;
    const { value } = this.field;
    this.field.disabled = locked;
    this.field.value = locked ? "" : this.draft;
    this.draft = value;
    for (const button of this.parts.form.querySelectorAll(".composer-row > button")) button.disabled = locked;
    this.parts.form.classList.toggle("locked", locked);
    this.typed();
  }

  showPlaceholder() {
    const { channel, mayWrite } = this.app.store;
    const place = channel ? channel.name.replace(/^(?=[^@])/, "#") : "";
    this.field.placeholder = !mayWrite ? `You may not write in ${place}`
      : NARROW.matches ? "Message, or / for commands" : `Message ${place}, or type / for commands`;
  }

  focus() {
    if (this.pills) this.pills.focus();
    else this.field.focus();
  }

  setText(text) {
    if (this.pills) this.leavePills(text);
    this.field.value = text;
    this.field.setSelectionRange(text.length, text.length);
    this.typed();
    this.field.focus();
  }

  typed() {
    this.field.style.setProperty("height", "auto");
    this.field.style.setProperty("height", `${Math.min(this.field.scrollHeight, 220)}px`);
    this.showProblem(null);
    this.offer();
  }

  offer() {
    if (this.pills) return;
    offerForText(this.field, {
      app: this.app, suggester: this.suggester, choose: (leaf) => this.choose(leaf),
      insert: (from, to, text) => this.insert(from, to, text),
    }, (offer) => this.assist.show(offer, this.field));
  }

  insert(from, to, text) {
    this.field.setRangeText(text, from, to, "end");
    this.field.focus();
    this.typed();
  }

  /** Switch to a command's pills, with the values typed so far. */
  choose(leaf, values = new Map()) {
    this.suggester.cancel();
    this.assist.hide();
    this.field.value = "";
    this.typed();
    this.pills = new OptionPills(leaf, {
      app: this.app, assist: this.assist, suggester: this.suggester, onSubmit: () => this.submit(),
      onCancel: () => this.leavePills(`/${leaf.title}`), onProblem: (text) => this.showProblem(text),
    });
    this.field.hidden = true;
    this.parts.editor.append(this.pills.node);
    this.pills.fill(values);
    if (this.tray.files.length > 0 && this.pills.fileOptions.length > 0) {
      const waiting = this.tray.files;
      this.tray.clear();
      this.giveFiles(waiting);
    }
    this.pills.focus();
  }

  leavePills(text) {
    this.pills?.node.remove();
    this.pills = null;
    this.suggester.cancel();
    this.assist.hide();
    this.showProblem(null);
    this.field.hidden = false;
    this.setText(text);
  }

  key(event) {
    if (event.isComposing) return;
    if (this.assist.move(event)) return;
    const { key } = event;
    if (key === "Tab" && !event.shiftKey && this.assist.open && this.assist.rows.length > 0) {
      event.preventDefault();
      this.assist.pick(true);
    } else if (key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.enter();
    } else if (key === "Escape" && this.assist.open) {
      event.preventDefault();
      this.assist.hide();
    } else if (key === "ArrowUp" || key === "ArrowDown") {
      const recalled = this.history.step(key === "ArrowUp" ? -1 : 1, this.field.value);
      if (recalled !== null) {
        event.preventDefault();
        this.setText(recalled);
        this.assist.hide();
      }
    }
  }

  /** Enter runs a complete command; otherwise it picks the highlighted row, if any. */
  enter() {
    const parsed = this.field.value.startsWith("/") ? parseCommand(this.field.value, this.app.leaves, this.app.store.me.locale) : null;
    const exact = parsed?.leaf && parsed.pieces.length === 0 && this.assist.list.active <= 0;
    if (this.assist.open && !exact && this.assist.pick()) return;
    this.submit();
  }

  /** Run a line as if typed. */
  run(line) {
    if (this.pills) this.leavePills("");
    this.field.value = line;
    this.submit();
    this.field.focus();
    this.assist.hide();
  }

  async submit() {
    if (this.pills) {
      const result = this.pills.result();
      if (result) this.send(this.pills.leaf, this.pills.values(), result.options, result.files);
      return;
    }
    const text = this.field.value.trim();
    if (text.startsWith("/") && !text.includes("\n")) {
      this.submitCommand(text);
      return;
    }
    if (text === "" && this.tray.files.length === 0) return;
    if ([...text].length > LONGEST) {
      this.showProblem(`A message takes at most ${LONGEST} characters; this one has ${[...text].length}.`);
      return;
    }
    const files = [...this.tray.files];
    this.field.value = "";
    this.tray.clear();
    this.typed();
    if (!(await this.app.actions.say(text, files)) && this.field.value === "") {
      this.setText(text);
      this.tray.add(files);
    } else this.history.add(text);
  }

  submitCommand(text) {
    const { store } = this.app;
    const { leaf, values, error } = parseCommand(text, this.app.leaves, store.me.locale);
    if (leaf === null || error !== null) {
      const asleep = !store.bot.online && store.commands.length === 0;
      this.showProblem(asleep ? "The bot is not online yet, so there are no commands to run." : error);
      return;
    }
    const { options, problem } = checkCommand(leaf, values, new Map(), store.directory);
    if (problem !== null) {
      this.choose(leaf, values);
      if (values.size > 0) this.pills.result(); // nothing was filled in yet: the empty pills say enough
      return;
    }
    this.send(leaf, values, options, new Map());
  }

  send(leaf, values, options, files) {
    this.history.add(formatCommand(leaf, values, this.app.store.me.locale));
    this.leavePills("");
    this.app.actions.command(leaf, options, files);
  }

  takeFiles(files) {
    if (this.field.disabled) return;
    if (this.pills) this.giveFiles(files);
    else {
      this.tray.add(files);
      this.focus();
    }
  }

  /** Files for the chosen command; files without an option stay for the next message. */
  giveFiles(files) {
    const rest = this.pills.takeFiles(files);
    if (rest.length === 0) return;
    this.tray.add(rest);
    const most = this.pills.fileOptions.length;
    this.showProblem(most === 0 ? `/${this.pills.leaf.title} takes no file.`
      : `/${this.pills.leaf.title} takes at most ${most} ${most === 1 ? "file" : "files"}; what is left waits for a message.`);
  }

  /** @param {string|null} text the input's error */
  showProblem(text) {
    this.parts.problem.hidden = text === null;
    replace(this.parts.problem, text ?? "");
  }
}
