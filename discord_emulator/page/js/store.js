/**
 * The page's state: users, channels, commands, messages. Changes come from the server
 * (`load`, `apply`) and are dispatched as events, so that each component redraws only its part.
 *
 * Events: "state" (everything anew), "channel" (another one is shown), "channels" (unread marks), "message",
 * "message-update", "message-delete" (detail: the message), "commands", "bot", "typing", "failed", "acknowledged",
 * "modal", "stranger" (a message in a channel that is not known yet).
 */
import { compareIds } from "./time.js";

/** @typedef {import("./types.js").Message} Message */

const DISMISSED = "melicon-dismissed";
const SEND_MESSAGES = 1n << 11n; // Discord's permission bit

export class Store extends EventTarget {
  constructor() {
    super();
    /** @type {import("./types.js").User} */
    this.me = { id: "0", username: "…" };
    /** @type {import("./types.js").User[]} */
    this.users = [];
    /** @type {import("./types.js").Channel[]} */
    this.channels = [];
    /** @type {import("./types.js").Role[]} */
    this.roles = [];
    this.guild = { id: "0", name: "" };
    this.application = { id: "0", name: "Melicon" };
    /** @type {import("./types.js").Bot} */
    this.bot = { online: false, id: "0", username: "Melicon" };
    /** @type {import("./types.js").Command[]} every command that can be used somewhere */
    this.everyCommand = [];
    /** @type {Object<string, string[]>} the ids of the commands that can be used, by channel */
    this.allowed = {};
    /** @type {Map<string, Message[]>} */
    this.byChannel = new Map();
    this.channelId = null;
    this.unread = new Set();
    this.dismissed = new Set(JSON.parse(sessionStorage.getItem(DISMISSED) ?? "[]"));
    this.loaded = false;
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  on(name, listener) {
    this.addEventListener(name, (event) => listener(/** @type {CustomEvent} */ (event).detail));
  }

  /** Replace the state. @param {import("./types.js").State} state */
  load(state) {
    this.users = state.users ?? [];
    const me = typeof state.me === "string" ? { id: state.me } : state.me;
    this.me = { ...this.users.find((user) => user.id === me.id), ...me };
    this.application = state.application ?? this.application;
    this.bot = { ...this.bot, ...state.bot };
    this.guild = state.guild ?? this.guild;
    const shown = this.channel?.name; // its id may be another when the world was made anew
    this.channels = state.channels ?? [];
    this.roles = (state.roles ?? state.guild?.roles ?? []).filter((role) => role.id !== this.guild.id);
    this.setCommands(state);
    this.byChannel = new Map(Object.entries(state.messages ?? {}).map(
      ([id, messages]) => [id, messages.filter((m) => !this.dismissed.has(m.id)).sort((a, b) => compareIds(a.id, b.id))]));
    if (!this.channel) this.channelId = (this.channels.find((channel) => channel.name === shown) ?? this.channels[0])?.id ?? null;
    this.loaded = true;
    this.emit("state");
  }

  setCommands({ commands, allowed }) {
    this.everyCommand = commands ?? [];
    this.allowed = allowed ?? {};
  }

  /** The commands available in the current channel. @returns {import("./types.js").Command[]} */
  get commands() {
    const here = new Set(this.allowed[this.channelId] ?? []);
    return this.everyCommand.filter((command) => here.has(command.id));
  }

  /** Whether the persona can write in the current channel. */
  get mayWrite() {
    return this.channel?.permissions == null || Boolean(BigInt(this.channel.permissions) & SEND_MESSAGES);
  }

  /** Apply a live event. @param {import("./types.js").LiveEvent} event */
  apply({ t, d }) {
    if (t === "MESSAGE_CREATE") this.put(d, "message");
    else if (t === "MESSAGE_UPDATE") this.put(d, "message-update");
    else if (t === "MESSAGE_DELETE") this.remove(d.channel_id, d.id);
    else if (t === "COMMANDS") {
      this.setCommands(d);
      this.emit("commands");
    } else if (t === "BOT") {
      this.bot = { ...this.bot, ...d };
      this.emit("bot");
    } else if (t === "TYPING") this.emit("typing", d);
    else if (t === "INTERACTION_FAILED") this.emit("failed", d);
    else if (t === "INTERACTION_SUCCESS") this.emit("acknowledged", d);
    else if (t === "MODAL") this.emit("modal", d);
  }

  put(incoming, kind) {
    if (this.dismissed.has(incoming.id)) return;
    if (!this.channels.some((channel) => channel.id === incoming.channel_id)) {
      this.emit("stranger");
      return;
    }
    const list = this.messages(incoming.channel_id);
    const at = list.findIndex((message) => message.id === incoming.id);
    if (at >= 0) {
      list[at] = { ...list[at], ...incoming };
      this.emit("message-update", list[at]);
      return;
    }
    if (kind === "message-update" && !incoming.author) return;
    const later = list.findIndex((message) => compareIds(message.id, incoming.id) > 0);
    list.splice(later < 0 ? list.length : later, 0, incoming);
    if (incoming.channel_id !== this.channelId && incoming.author.id !== this.me.id) {
      this.unread.add(incoming.channel_id);
      this.emit("channels");
    }
    this.emit("message", incoming);
  }

  remove(channelId, id) {
    const list = this.messages(channelId);
    const at = list.findIndex((message) => message.id === id);
    if (at >= 0) this.emit("message-delete", list.splice(at, 1)[0]);
  }

  /** Dismiss an ephemeral message in this tab. */
  dismiss(message) {
    this.dismissed.add(message.id);
    sessionStorage.setItem(DISMISSED, JSON.stringify([...this.dismissed].slice(-500)));
    this.remove(message.channel_id, message.id);
  }

  /** Switch to another channel. */
  select(id) {
    if (!this.channels.some((channel) => channel.id === id)) return;
    this.channelId = id;
    this.unread.delete(id);
    this.emit("channel");
    this.emit("channels");
  }

  /** The live list of a channel's messages, oldest first. @returns {Message[]} */
  messages(channelId) {
    if (!this.byChannel.has(channelId)) this.byChannel.set(channelId, []);
    return this.byChannel.get(channelId);
  }

  get channel() {
    return this.channels.find((channel) => channel.id === this.channelId) ?? null;
  }

  /** A user or the bot by id. */
  user(id) {
    if (id === this.bot.id) return { ...this.bot, bot: true };
    return this.users.find((user) => user.id === id) ?? null;
  }

  /** The users an option can name: personas and the bot. */
  get directory() {
    const bot = this.bot.id !== "0" ? [{ ...this.bot, bot: true }] : [];
    return { users: [...this.users, ...bot], channels: this.channels, roles: this.roles, locale: this.me.locale };
  }
}
