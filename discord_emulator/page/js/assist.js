/**
 * The panel above the composer: a heading and a list of choices (commands, options, values).
 */
import { h, replace } from "./dom.js";
import { Listbox } from "./listbox.js";

/**
 * @typedef {import("./listbox.js").Row & {pick: () => void}} AssistRow
 * @typedef {{key: string, head?: Node|null, rows: AssistRow[], active: number, label: string, testid: string}} Offer
 */

export class Assist {
  /** @param {HTMLElement} holder */
  constructor(holder) {
    this.holder = holder;
    /** @type {AssistRow[]} */
    this.rows = [];
    this.list = new Listbox({ label: "Suggestions", testid: "assist-list", onPick: (index) => this.rows[index]?.pick() });
    this.key = null;
  }

  get open() {
    return !this.holder.hidden;
  }

  /** @param {Offer|null} offer @param {HTMLElement} owner the field that keeps the focus */
  show(offer, owner) {
    if (offer === null || (offer.rows.length === 0 && !offer.head)) {
      this.hide();
      return;
    }
    this.rows = offer.rows;
    this.holder.hidden = false;
    this.holder.dataset.testid = offer.testid;
    this.list.node.setAttribute("aria-label", offer.label);
    this.list.node.hidden = offer.rows.length === 0;
    replace(this.holder, offer.head ? h("div", { class: "assist-head" }, offer.head) : null, this.list.node);
    this.list.attach(owner);
    this.list.show(offer.rows, offer.active);
    if (offer.key !== this.key) this.list.node.scrollTop = 0;
    this.key = offer.key;
  }

  hide() {
    this.rows = [];
    this.key = null;
    this.holder.hidden = true;
    this.list.detach();
  }

  /** Pick the highlighted row (or, if asked, the first). @returns {boolean} whether there was one */
  pick(orFirst = false) {
    const index = this.list.active >= 0 ? this.list.active : orFirst ? 0 : -1;
    const row = this.rows[index];
    if (!this.open || !row) return false;
    row.pick();
    return true;
  }

  /** Arrow keys. @returns {boolean} whether the key was used */
  move(event) {
    return this.open && this.rows.length > 0 && this.list.move(event);
  }
}
