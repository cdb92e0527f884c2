/**
 * Pending interactions: from the click or command until its outcome (a message, an edit, a modal, a
 * failure) or a timeout. A pending command is shown at the end of the channel; a press keeps
 * its button busy.
 */
import { makeNonce } from "./api.js";

const GIVE_UP = 8000; // ms; the server reports a failure after Discord's 3 s, this is for when it cannot
const PRESS_QUIET = 4000; // ms; a press may be acknowledged with nothing to show

/**
 * @typedef {{nonce: string, kind: "command"|"component"|"modal", channelId: string, title: string,
 *            messageId: string|null, customId: string|null, interactionId: string|null,
 *            state: "waiting"|"failed", error: string|null, timer?: number}} Entry
 */

export class Pending extends EventTarget {
  /** @param {import("./store.js").Store} store */
  constructor(store) {
    super();
    /** @type {Map<string, Entry>} */
    this.entries = new Map();
    this.answered = new Set(); // interactions whose answer overtook the HTTP reply that names them
    store.on("message", (message) => this.messageSeen(message));
    store.on("message-update", (message) => this.messageSeen(message, true));
    store.on("message-delete", (message) => this.endFor((entry) => entry.messageId === message.id));
    store.on("failed", ({ nonce, message }) => this.fail(nonce, message));
    store.on("acknowledged", (event) => this.settle(event.interaction_id ?? event.id, event.nonce));
    store.on("modal", (modal) => this.settle(modal.interaction_id, modal.nonce));
  }

  /** @param {Partial<Entry>} about @returns {Entry} */
  start(about) {
    const entry = {
      nonce: makeNonce(), kind: "command", channelId: "", title: "", messageId: null, customId: null,
      interactionId: null, state: "waiting", error: null, ...about,
    };
    for (const old of [...this.entries.values()]) {
      // a retry clears the previous failure
      if (old.state === "failed" && old.kind === entry.kind && old.messageId === entry.messageId) this.end(old);
    }
    this.entries.set(entry.nonce, entry);
    entry.timer = setTimeout(() => {
      if (entry.kind === "command") this.fail(entry.nonce);
      else this.end(entry);
    }, entry.kind === "command" ? GIVE_UP : PRESS_QUIET);
    this.changed(entry);
    return entry;
  }

  /** The server accepted the interaction and assigned its id. */
  named(entry, interactionId) {
    entry.interactionId = interactionId ?? null;
    if (this.answered.has(interactionId)) this.end(entry);
  }

  fail(nonce, message = null) {
    const entry = this.entries.get(nonce);
    if (!entry) return;
    clearTimeout(entry.timer);
    entry.state = "failed";
    entry.error = message || "This interaction failed";
    this.changed(entry);
  }

  end(entry) {
    clearTimeout(entry.timer);
    if (this.entries.delete(entry.nonce)) this.changed(entry);
  }

  /** An interaction has an outcome. */
  settle(interactionId, nonce = null) {
    if (interactionId) this.answered.add(interactionId);
    this.endFor((entry) => entry.nonce === nonce || (interactionId && entry.interactionId === interactionId));
  }

  messageSeen(message, updated = false) {
    this.settle((message.interaction_metadata ?? message.interaction)?.id ?? null, message.nonce);
    if (updated) this.endFor((entry) => entry.messageId === message.id && entry.state === "waiting");
  }

  /** Clear all entries (the persona has changed). */
  clear() {
    this.endFor(() => true);
  }

  endFor(test) {
    for (const entry of [...this.entries.values()]) if (test(entry)) this.end(entry);
  }

  changed(entry) {
    this.dispatchEvent(new CustomEvent("change", { detail: entry }));
  }

  /** The entry that keeps a message's component busy, or its failure. */
  of(messageId) {
    return [...this.entries.values()].filter((entry) => entry.messageId === messageId);
  }

  /** A channel's pending and failed commands. */
  commandsIn(channelId) {
    return [...this.entries.values()].filter((entry) => entry.kind === "command" && entry.channelId === channelId);
  }
}
