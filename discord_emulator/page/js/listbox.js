/**
 * A listbox whose owner field keeps the focus: the command menu, suggestions for an
 * option, select menus. The owner forwards keys; screen readers follow aria-activedescendant.
 */
import { h, replace, uid } from "./dom.js";

/**
 * @typedef {{key: string, content: (Node|string)[], heading?: string, selected?: boolean, testid?: string,
 *            disabled?: boolean}} Row
 */

export class Listbox {
  /**
   * @param {{label: string, onPick: (index: number) => void, className?: string, multi?: boolean, testid?: string,
   *          edges?: boolean}} options `edges`: handle Home and End, as the owner has no text
   */
  constructor({ label, onPick, className = "", multi = false, testid = "listbox", edges = false }) {
    this.onPick = onPick;
    this.edges = edges;
    this.active = -1;
    /** @type {Row[]} */
    this.rows = [];
    this.node = h("div", {
      class: `listbox ${className}`, role: "listbox", id: uid("list"), "aria-label": label,
      "aria-multiselectable": multi ? "true" : null, data: { testid },
    });
    this.node.addEventListener("pointerdown", (event) => event.preventDefault()); // keep the owner's focus
    this.node.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row && row.getAttribute("aria-disabled") !== "true") this.onPick(Number(row.dataset.index));
    });
    this.node.addEventListener("pointermove", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) this.setActive(Number(row.dataset.index), false);
    });
  }

  /** @param {Row[]} rows @param {number} active index of the highlighted row, -1 for none */
  show(rows, active = -1) {
    this.rows = rows;
    const nodes = [];
    rows.forEach((row, index) => {
      if (row.heading) nodes.push(h("div", { class: "listbox-heading", role: "presentation" }, row.heading));
      nodes.push(h("div", {
        class: "listbox-row", role: "option", id: `${this.node.id}-${index}`, "aria-selected": String(Boolean(row.selected)),
        "aria-disabled": row.disabled ? "true" : null,
        data: { index, key: row.key, testid: row.testid ?? "listbox-row" },
      }, row.content));
    });
    replace(this.node, nodes);
    this.setActive(Math.min(active, rows.length - 1), false);
  }

  setActive(index, scroll = true) {
    this.active = index;
    this.node.querySelectorAll("[role=option]").forEach((row, at) => {
      row.classList.toggle("active", at === index);
      if (at === index && scroll) row.scrollIntoView({ block: "nearest" });
    });
    if (this.owner) {
      if (index >= 0) this.owner.setAttribute("aria-activedescendant", `${this.node.id}-${index}`);
      else this.owner.removeAttribute("aria-activedescendant");
    }
  }

  /** Tell screen readers which field this list belongs to. */
  attach(owner) {
    this.detach();
    this.owner = owner;
    owner.setAttribute("aria-controls", this.node.id);
    this.expanded(true);
    this.setActive(this.active, false);
  }

  detach() {
    this.owner?.removeAttribute("aria-activedescendant");
    this.owner?.removeAttribute("aria-controls");
    this.expanded(false);
    this.owner = null;
  }

  /** Only comboboxes support this; a multi-line field cannot be one. */
  expanded(open) {
    if (this.owner?.getAttribute("role") === "combobox") this.owner.setAttribute("aria-expanded", String(open));
  }

  /** Arrow keys and Home/End/PageUp/PageDown. @returns {boolean} whether the key was one of them */
  move(event) {
    const last = this.rows.length - 1;
    if (last < 0 || event.altKey || event.ctrlKey || event.metaKey) return false;
    const far = this.edges ? { Home: -this.rows.length, End: this.rows.length }[event.key] : undefined;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 }[event.key] ?? far;
    if (step === undefined) return false;
    event.preventDefault();
    const wrap = Math.abs(step) === 1;
    const next = this.active + step;
    if (wrap) this.setActive(next > last ? 0 : next < 0 ? last : next);
    else this.setActive(Math.max(0, Math.min(last, next)));
    return true;
  }
}
