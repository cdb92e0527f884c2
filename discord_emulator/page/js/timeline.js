/**
 * The current channel's messages: ordered, redrawn individually, scrolled to the end while the reader is
 * there. New messages are announced to screen readers.
 */
import { componentRows } from "./components.js";
import { h, replace } from "./dom.js";
import { icon } from "./icons.js";
import { introNode } from "./intro.js";
import { dots, messageNode, summary } from "./message.js";
import { personName } from "./option-parsing.js";
import { closePopover } from "./popover.js";
import { dayLabel, messageTime } from "./time.js";

const NEAR_END = 80; // px from the end that still count as being there

export class Timeline {
  constructor(app, { scroller, list, jump, live }) {
    Object.assign(this, { app, scroller, list, jump, live });
    this.atEnd = true;
    this.lastTop = 0;
    this.unseen = 0;
    const { store, pending } = app;
    store.on("state", () => this.draw());
    store.on("channel", () => this.draw(true));
    store.on("bot", () => this.drawIntro());
    store.on("commands", () => this.drawIntro());
    store.on("message", (message) => this.added(message));
    store.on("message-update", (message) => this.updated(message));
    store.on("message-delete", (message) => this.removed(message));
    pending.addEventListener("change", ({ detail }) => this.pendingChanged(detail));
    scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    jump.addEventListener("click", () => this.toEnd(true));
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(list);
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(scroller);
  }

  get messages() {
    return this.app.store.messages(this.app.store.channelId);
  }

  draw(fresh = false) {
    const stay = (this.atEnd || fresh) && !this.onlyGreeted;
    const { scrollTop } = this.scroller;
    this.intro = h("li", { class: "intro" });
    this.waiting = h("li", { class: "waiting-list" });
    const rows = this.messages.flatMap((message, index) => this.row(message, this.messages[index - 1] ?? null));
    replace(this.list, this.intro, rows, this.waiting);
    this.drawIntro();
    this.drawPending();
    if (stay) this.toEnd();
    else {
      this.scroller.scrollTo({ top: fresh ? 0 : scrollTop, behavior: "instant" });
      this.atEnd = this.nearEnd;
    }
  }

  /** Whether the channel has only the welcome, which is shown from its start. */
  get onlyGreeted() {
    const { me } = this.app.store;
    return this.messages.length <= 2 && this.messages.every((message) => !message.interaction_metadata && message.author.id !== me.id);
  }

  drawIntro() {
    if (this.intro) replace(this.intro, introNode(this.app));
  }

  /** A message, with a date heading on a new day. */
  row(message, previous) {
    const node = messageNode(message, previous, this.app);
    const day = dayLabel(messageTime(message));
    if (previous && dayLabel(messageTime(previous)) === day) return [node];
    return [h("li", { class: "day", data: { dayOf: message.id } }, h("span", {}, day)), node];
  }

  nodeOf(id) {
    return this.list.querySelector(`[data-message-id="${CSS.escape(id)}"]`);
  }

  /** Draw or redraw the message at this index. */
  redraw(index) {
    const message = this.messages[index];
    if (!message) return;
    const old = this.nodeOf(message.id);
    this.erase(message.id);
    const next = this.messages.slice(index + 1).map((later) => this.nodeOf(later.id)).find(Boolean) ?? this.waiting;
    const before = next.previousElementSibling?.matches(".day") && next !== this.waiting ? next.previousElementSibling : next;
    const row = this.row(message, this.messages[index - 1] ?? null);
    if (old) keepPictures(old, row.at(-1));
    before.before(...row);
  }

  erase(id) {
    this.nodeOf(id)?.remove();
    this.list.querySelector(`[data-day-of="${CSS.escape(id)}"]`)?.remove();
  }

  added(message) {
    if (message.channel_id !== this.app.store.channelId) return;
    const index = this.messages.indexOf(message);
    this.redraw(index);
    if (index + 1 < this.messages.length) this.redraw(index + 1);
    this.announce(message);
    const mine = message.author.id === this.app.store.me.id || message.interaction_metadata?.user?.id === this.app.store.me.id;
    if (this.atEnd || mine) this.toEnd();
    else this.showJump(this.unseen + 1);
  }

  updated(message) {
    if (message.channel_id !== this.app.store.channelId) return;
    const focused = this.focusIn(message.id);
    this.redraw(this.messages.findIndex((item) => item.id === message.id));
    this.refocus(message.id, focused);
    this.announce(message);
  }

  removed(message) {
    if (message.channel_id !== this.app.store.channelId) return;
    if (this.focusIn(message.id)) this.app.composer.focus();
    this.erase(message.id);
    const next = this.messages.findIndex((item) => Number(messageTime(item)) >= messageTime(message));
    if (next >= 0) this.redraw(next);
    closePopover();
  }

  /** The focused component of a message, to restore the focus after redrawing. */
  focusIn(id) {
    const node = this.nodeOf(id);
    const active = document.activeElement;
    return node?.contains(active) ? active.dataset.customId ?? "" : null;
  }

  refocus(id, customId) {
    if (customId === null) return;
    const node = this.nodeOf(id);
    const again = [...(node?.querySelectorAll("[data-custom-id]") ?? [])].find((item) => item.dataset.customId === customId);
    (again && !again.disabled ? again : node)?.focus({ preventScroll: true });
  }

  pendingChanged(entry) {
    const message = this.messages.find((item) => item.id === entry.messageId);
    if (message) {
      const focused = this.focusIn(message.id);
      const rows = componentRows(message, this.app);
      if (rows) this.nodeOf(message.id)?.querySelector(".components")?.replaceWith(rows);
      this.refocus(message.id, focused);
    }
    this.drawPending();
    if (this.atEnd) this.toEnd();
  }

  /** Pending and failed commands. */
  drawPending() {
    if (!this.waiting) return;
    replace(this.waiting, this.app.pending.commandsIn(this.app.store.channelId).map((entry) => entry.state === "failed"
      ? h("div", { class: "note failed", role: "alert", data: { testid: "interaction-failed" } }, icon("warn"),
        h("span", {}, h("span", { class: "command-name" }, entry.title), ` — ${entry.error}`),
        h("button", { type: "button", class: "link", on: { click: () => this.app.pending.end(entry) } }, "Dismiss"))
      : h("div", { class: "note", data: { testid: "sending" } }, dots(), h("span", {}, "Sending ", h("span", { class: "command-name" }, entry.title), "…"))));
  }

  announce(message) {
    if (message.author.id === this.app.store.me.id) return;
    this.live.textContent = `${personName(message.author)}: ${summary(message)}`;
  }

  get nearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  scrolled() {
    const { scrollTop } = this.scroller;
    // Only scrolling up leaves the end; a list that grows by a loaded picture does not.
    if (this.nearEnd) this.atEnd = true;
    else if (scrollTop < this.lastTop - 1) this.atEnd = false;
    this.lastTop = scrollTop;
    if (this.atEnd) this.showJump(0);
  }

  showJump(unseen) {
    this.unseen = unseen;
    this.jump.hidden = unseen === 0;
    this.jump.querySelector("span").textContent = unseen === 1 ? "1 new message" : `${unseen} new messages`;
  }

  toEnd(smooth = false) {
    this.atEnd = true;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    this.showJump(0);
  }

  /** Scroll to a message and highlight it briefly. */
  reveal(id) {
    const node = this.nodeOf(id);
    if (!node) return;
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    node.classList.add("flash");
    setTimeout(() => node.classList.remove("flash"), 1600);
  }
}

/** Reuse an edited message's loaded pictures to avoid flicker. */
function keepPictures(old, fresh) {
  for (const image of fresh.querySelectorAll(".picture img")) {
    const shown = [...old.querySelectorAll(".picture img")].find((item) => item.src === image.src && item.className === image.className);
    if (shown?.complete) image.replaceWith(shown);
  }
}
