/**
 * Floating panels anchored to a button: menus, select lists, the persona switcher, profile cards. One is open at a
 * time; Esc, a click elsewhere, scrolling or resizing closes it, and the focus goes back where it came from.
 */
import { h } from "./dom.js";

const GAP = 6;
const EDGE = 8;
const LEAST = 160; // px; where neither side has so much room, it covers its anchor

/** @type {{close: (returnFocus?: boolean) => void, anchor: Element}|null} */
let open = null;

/** Close the open popover. */
export function closePopover(returnFocus = false) {
  open?.close(returnFocus);
}

/**
 * Show `content` beside `anchor`, or close it if it is open for the same anchor.
 *
 * @param {HTMLElement} anchor
 * @param {HTMLElement} content
 * @param {{className?: string, onClose?: () => void, matchWidth?: boolean}} [options]
 * @returns {{close: (returnFocus?: boolean) => void}|null} null when this call closed it
 */
export function openPopover(anchor, content, { className = "", onClose, matchWidth = false } = {}) {
  const again = open?.anchor === anchor;
  closePopover();
  if (again) return null;
  const panel = h("div", { class: `popover ${className}` }, content);
  // inside the anchor's landmark, or inside its dialog, which covers everything else
  (anchor.closest("dialog") ?? anchor.closest("nav, main, aside") ?? document.body).append(panel);
  anchor.setAttribute("aria-expanded", "true");
  place(panel, anchor.getBoundingClientRect(), matchWidth);

  const outside = (event) => {
    if (!panel.contains(event.target) && !anchor.contains(event.target)) close();
  };
  const moved = (event) => {
    if (event.type === "resize" || !panel.contains(event.target)) close();
  };
  const keys = (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close(true);
    } else if (event.key === "Tab") close(true);
  };
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", keys, true);
  window.addEventListener("resize", moved);
  // from the next frame: scroll events from before the opening may be pending
  const listening = requestAnimationFrame(() => document.addEventListener("scroll", moved, true));

  function close(returnFocus = false) {
    if (open?.close !== close) return;
    open = null;
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", keys, true);
    cancelAnimationFrame(listening);
    document.removeEventListener("scroll", moved, true);
    window.removeEventListener("resize", moved);
    panel.remove();
    anchor.setAttribute("aria-expanded", "false");
    if (returnFocus) anchor.focus();
    onClose?.();
  }
  open = { close, anchor };
  return open;
}

/** Place below the anchor if it fits or has more space there, else above; limited to that space. */
function place(panel, anchor, matchWidth) {
  const style = (name, length) => panel.style.setProperty(name, `${length}px`);
  if (matchWidth) style("min-width", Math.min(anchor.width, window.innerWidth - 2 * EDGE));
  const { offsetWidth: width, offsetHeight: height } = panel;
  style("left", Math.max(EDGE, Math.min(anchor.left, window.innerWidth - width - EDGE)));
  const below = window.innerHeight - anchor.bottom - GAP - EDGE;
  const above = anchor.top - GAP - EDGE;
  const under = height <= below || below >= above;
  const room = Math.max(under ? below : above, Math.min(height, LEAST));
  style("max-height", room);
  // positioned by the edge next to the anchor, so that it grows away from it within the window
  if (under) style("top", Math.max(EDGE, Math.min(anchor.bottom + GAP, window.innerHeight - Math.min(height, room) - EDGE)));
  else style("bottom", Math.max(EDGE, Math.min(window.innerHeight - anchor.top + GAP, window.innerHeight - Math.min(height, room) - EDGE)));
}

/**
 * A menu of actions in a popover.
 *
 * @param {HTMLElement} anchor
 * @param {({label: string, icon?: Node, hint?: string, run: () => void, danger?: boolean, checked?: boolean,
 *          testid?: string}|{heading: string})[]} items
 */
export function openMenu(anchor, items, label) {
  const node = h("div", { class: "menu", role: "menu", "aria-label": label });
  for (const item of items) {
    if ("heading" in item) {
      node.append(h("div", { class: "menu-heading", role: "presentation" }, item.heading));
      continue;
    }
    const radio = item.checked !== undefined;
    node.append(h("button", {
      type: "button", class: `menu-item${item.danger ? " danger" : ""}`, tabindex: "-1",
      role: radio ? "menuitemradio" : "menuitem", "aria-checked": radio ? String(item.checked) : null,
      data: { testid: item.testid ?? "menu-item" },
      on: { click: () => {
        closePopover(true);
        item.run();
      } },
    }, item.icon, h("span", { class: "menu-label" }, item.label, item.hint ? h("small", {}, item.hint) : null)));
  }
  node.addEventListener("keydown", (event) => moveFocus(event, [...node.querySelectorAll("button")]));
  if (openPopover(anchor, node, { className: "popover-menu" })) {
    (node.querySelector('[aria-checked="true"]') ?? node.querySelector("button"))?.focus();
  }
}

/** Arrow keys, Home and End among buttons. */
export function moveFocus(event, buttons) {
  const at = buttons.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (next === undefined || buttons.length === 0) return;
  event.preventDefault();
  buttons.at(next % buttons.length).focus();
}
