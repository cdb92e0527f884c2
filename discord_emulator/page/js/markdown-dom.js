/**
 * Renders the tree of `markdown.js`. Names of mentions come from the store; everything is a text node.
 */
import { h } from "./dom.js";
import { withEmoji } from "./icons.js";
import { parse } from "./markdown.js";
import { personName } from "./option-parsing.js";
import { timeNode } from "./time.js";

const SIMPLE = { strong: "strong", em: "em", underline: "u", strike: "s" };

/**
 * @param {string} source markdown
 * @param {object} app for names behind ids, and to open people and channels
 * @returns {HTMLElement}
 */
export function markdown(source, app, className = "markdown") {
  return h("div", { class: className }, parse(source).map((block) => blockNode(block, app)));
}

function blockNode(block, app) {
  const children = () => inlineNodes(block.children, app);
  switch (block.type) {
    case "heading": return h(`h${block.level + 2}`, { class: `md-h${block.level}` }, children());
    case "subtext": return h("p", { class: "md-subtext" }, children());
    case "quote": return h("blockquote", {}, children());
    case "code": return h("pre", { tabindex: "0" }, h("code", { data: { language: block.language } }, block.text));
    case "list": return h("div", { class: "md-list", role: "list" }, block.items.map((item) =>
      h("div", { class: `md-item md-depth-${item.depth}`, role: "listitem" },
        h("span", { class: "md-bullet" }, item.number === null ? "•" : `${item.number}.`),
        h("span", {}, inlineNodes(item.children, app)))));
    default: return h("p", {}, children());
  }
}

/** @returns {(Node|string)[]} */
export function inlineNodes(nodes, app) {
  return nodes.map((node) => inlineNode(node, app)).flat();
}

function inlineNode(node, app) {
  const children = () => inlineNodes(node.children, app);
  if (SIMPLE[node.type]) return h(SIMPLE[node.type], {}, children());
  switch (node.type) {
    case "text": return withEmoji(node.text);
    case "code": return h("code", {}, node.text);
    case "link": return h("a", { href: node.url, title: node.url, target: "_blank", rel: "noopener noreferrer" }, children());
    case "spoiler": return spoiler(children());
    case "time": return timeNode(node.seconds * 1000, node.style, "md-time");
    case "emoji": return `:${node.name}:`;
    case "everyone": return h("span", { class: "mention" }, `@${node.name}`);
    case "command": return h("button", {
      type: "button", class: "mention", on: { click: () => app.composer.setText(`/${node.name} `) },
    }, `/${node.name}`);
    case "user": return userMention(node.id, app);
    case "role": {
      const role = app.store.roles.find((item) => item.id === node.id);
      return h("span", { class: "mention" }, role ? `@${role.name.replace(/^@/, "")}` : "@unknown-role");
    }
    case "channel": return channelMention(node.id, app);
    default: return node.text ?? "";
  }
}

function userMention(id, app) {
  const user = app.store.user(id);
  if (!user) return h("span", { class: "mention" }, "@unknown-user");
  const me = id === app.store.me.id ? " mention-me" : "";
  return h("button", {
    type: "button", class: `mention${me}`, on: { click: (event) => app.openUser(user, event.currentTarget) },
  }, `@${personName(user)}`);
}

function channelMention(id, app) {
  const channel = app.store.channels.find((item) => item.id === id);
  if (!channel) return h("span", { class: "mention" }, "#unknown-channel");
  return h("button", {
    type: "button", class: "mention", on: { click: () => app.store.select(id) },
  }, `#${channel.name}`);
}

/** Hidden until it is clicked or Enter/Space is pressed on it. */
function spoiler(children) {
  const content = h("span", { class: "spoiler-text", "aria-hidden": "true" }, children);
  const reveal = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    if (node.classList.contains("revealed")) return;
    event.preventDefault();
    event.stopPropagation();
    node.classList.add("revealed");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
    content.removeAttribute("aria-hidden");
  };
  const node = h("span", {
    class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler: show",
    on: { click: reveal, keydown: reveal },
  }, content);
  return node;
}
