/**
 * A message as a list item: author, time, command, text, embeds, pictures, buttons.
 */
import { attachmentNodes } from "./attachments.js";
import { componentRows } from "./components.js";
import { avatar, h } from "./dom.js";
import { embedNode, hasText, usedAttachments } from "./embeds.js";
import { emojiIcon, icon, iconButton } from "./icons.js";
import { plainText } from "./markdown.js";
import { markdown } from "./markdown-dom.js";
import { personName } from "./option-parsing.js";
import { messageTime, timeNode } from "./time.js";
import { MessageFlag } from "./types.js";

/** @typedef {import("./types.js").Message} Message */

const REPLY = 19; // Discord's message type
const GROUP_MS = 5 * 60 * 1000; // messages of one author within this are shown as one group

const isEphemeral = (message) => Boolean((message.flags ?? 0) & MessageFlag.EPHEMERAL);
const isThinking = (message) => Boolean((message.flags ?? 0) & MessageFlag.LOADING);
const usedBy = (message) => message.interaction_metadata ?? message.interaction ?? null;

/** Whether a message continues the one before it, without a heading of its own. */
function continues(message, previous) {
  return Boolean(previous) && previous.author.id === message.author.id &&
    !heading(message) && isEphemeral(previous) === isEphemeral(message) &&
    messageTime(message) - messageTime(previous) < GROUP_MS;
}

const heading = (message) => message.interaction?.name || message.interaction_metadata?.name || message.referenced_message;

/** @param {Message} message @param {Message|null} previous the one above it */
export function messageNode(message, previous, app) {
  const author = { ...app.store.user(message.author.id), ...withoutEmpty(message.author) };
  const compact = continues(message, previous);
  const ephemeral = isEphemeral(message);
  const classes = ["message", compact && "compact", ephemeral && "ephemeral", mentionsMe(message, app) && "mentions-me"];
  return h("li", {
    class: classes.filter(Boolean).join(" "), tabindex: "-1", "aria-label": `${personName(author)}: ${summary(message)}`,
    data: {
      testid: "message", messageId: message.id, authorId: message.author.id,
      ephemeral: ephemeral || null, thinking: isThinking(message) || null,
    },
  },
  compact ? null : context(message, app),
  h("div", { class: "message-side" }, compact
    ? timeNode(messageTime(message), "t", "message-time")
    : h("button", {
      type: "button", class: "avatar-button", "aria-label": `About ${personName(author)}`, "aria-haspopup": "dialog",
      on: { click: (event) => app.openUser(author, event.currentTarget) },
    }, avatar(author))),
  h("div", { class: "message-main" },
    compact ? null : head(message, author, app),
    body(message, app),
    ephemeral ? h("p", { class: "ephemeral-note", data: { testid: "ephemeral-note" } }, icon("eye"), "Only you can see this · ",
      h("button", { type: "button", class: "link", data: { testid: "dismiss" }, on: { click: () => app.store.dismiss(message) } }, "Dismiss message")) : null),
  h("div", { class: "message-tools" }, iconButton("dots", "More", (event) => app.openMessageMenu(message, event.currentTarget), {
    class: "icon-button", "aria-haspopup": "menu", "data-testid": "message-menu",
  })));
}

function head(message, author, app) {
  return h("header", { class: "message-head" },
    h("button", {
      type: "button", class: "author", data: { testid: "author", bot: author.bot || null },
      on: { click: (event) => app.openUser(author, event.currentTarget) },
    }, personName(author)),
    author.bot ? h("span", { class: "badge" }, "BOT") : null,
    timeNode(messageTime(message), sameDay(messageTime(message)) ? "t" : "f", "message-time"));
}

function body(message, app) {
  if (isThinking(message)) {
    return h("p", { class: "thinking", data: { testid: "thinking" } }, dots(), `${app.store.bot.username || "The bot"} is thinking…`);
  }
  const embeds = (message.flags ?? 0) & MessageFlag.SUPPRESS_EMBEDS ? [] : message.embeds ?? [];
  const used = usedAttachments({ ...message, embeds });
  const edited = message.edited_timestamp && !usedBy(message) ? h("small", { class: "edited" }, "(edited)") : null;
  return [
    hasText(message.content) ? h("div", { class: "message-content", data: { testid: "message-content" } }, markdown(message.content, app), edited) : null,
    attachmentNodes((message.attachments ?? []).filter((file) => !used.has(file.id))),
    embeds.map((embed) => embedNode(embed, message, app)),
    componentRows(message, app),
    message.reactions?.length ? h("div", { class: "reactions" }, message.reactions.map((reaction) =>
      h("span", { class: "reaction" }, emojiIcon(reaction.emoji), String(reaction.count)))) : null,
  ];
}

/** The line above a message: which command it answers, or which message it replies to. */
function context(message, app) {
  const used = usedBy(message);
  const name = message.interaction?.name ?? message.interaction_metadata?.name;
  const target = message.referenced_message;
  if (used && name && !(target && message.type === REPLY)) {
    const user = { ...used.user, ...app.store.user(used.user.id) };
    return h("div", { class: "message-context", data: { testid: "used" } }, avatar(user, "xs"),
      h("button", { type: "button", class: "author", on: { click: (event) => app.openUser(user, event.currentTarget) } }, personName(user)),
      "used ", h("span", { class: "command-name" }, message.interaction?.type === 2 || used.type === 2 || !used.type ? `/${name}` : name));
  }
  if (!target) return null;
  return h("button", {
    type: "button", class: "message-context reply", on: { click: () => app.timeline.reveal(target.id) },
  }, avatar({ ...app.store.user(target.author.id), ...withoutEmpty(target.author) }, "xs"), h("span", { class: "author" }, personName(target.author)),
  h("span", { class: "reply-text" }, summary(target)));
}

/** A line for screen readers, replies and notifications. */
export function summary(message) {
  if (isThinking(message)) return "is thinking";
  const pictures = (message.attachments ?? []).length;
  const embed = (message.embeds ?? [])[0];
  const parts = [
    message.content ? plainText(message.content) : "", embed ? plainText([embed.title, embed.description].filter(Boolean).join("\n")) : "",
    pictures === 1 ? message.attachments[0].description || message.attachments[0].filename : pictures > 1 ? `${pictures} files` : "",
  ];
  return parts.filter(Boolean).join(" · ").slice(0, 300) || "message";
}

/** The animated waiting dots. */
export function dots() {
  return h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
}

function mentionsMe(message, app) {
  const { me } = app.store;
  return message.author.id !== me.id && new RegExp(`<@!?${me.id}>|@(everyone|here)\\b`).test(message.content ?? "");
}

const sameDay = (ms) => new Date(ms).toDateString() === new Date().toDateString();
const withoutEmpty = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value != null && value !== ""));
