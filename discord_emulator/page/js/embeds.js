/**
 * Embeds: a coloured bar, author, title, text, fields, picture, footer.
 */
import { attachmentNodes } from "./attachments.js";
import { canLoad, h, localUrl, safeUrl } from "./dom.js";
import { icon } from "./icons.js";
import { inline, parse } from "./markdown.js";
import { inlineNodes, markdown } from "./markdown-dom.js";
import { formatTime } from "./time.js";

/** @typedef {import("./types.js").Embed} Embed */

/** Embeds with a picture of the message ("attachment://icon.png") show that picture. @param {Embed} embed */
export function embedNode(embed, message, app) {
  const resolve = (url) => attached(url, message)?.url ?? url;
  const node = h("article", { class: "embed", data: { testid: "embed" } },
    h("div", { class: "embed-text" },
      embed.author?.name ? h("div", { class: "embed-author" }, small(resolve(embed.author.icon_url)),
        linked(embed.author.name, embed.author.url)) : null,
      embed.title ? h("div", { class: "embed-title" }, embed.url ? linked(embed.title, embed.url) : inlineNodes(inline(embed.title), app)) : null,
      embed.description ? markdown(embed.description, app, "markdown embed-description") : null,
      embed.fields?.length ? h("dl", { class: "embed-fields" }, embed.fields.map((field) =>
        h("div", { class: field.inline ? "embed-field inline" : "embed-field" },
          h("dt", {}, inlineNodes(inline(field.name), app)),
          h("dd", {}, markdown(field.value, app))))) : null),
    embed.thumbnail?.url ? thumbnail(resolve(embed.thumbnail.url)) : null,
    embed.image?.url ? h("div", { class: "embed-image" }, picture(embed.image, message, resolve)) : null,
    footer(embed, resolve));
  if (embed.color != null) node.style.setProperty("--bar", `#${Number(embed.color).toString(16).padStart(6, "0")}`);
  return node;
}

/** The attachments shown by embeds, to avoid showing them twice. */
export function usedAttachments(message) {
  const used = new Set();
  for (const embed of message.embeds ?? []) {
    for (const part of [embed.image, embed.thumbnail]) {
      const file = part?.url ? attached(part.url, message) : null;
      if (file) used.add(file.id);
    }
  }
  return used;
}

function attached(url, message) {
  const name = /^attachment:\/\/(.+)$/.exec(url ?? "")?.[1];
  return (message.attachments ?? []).find((file) => file.filename === name || file.url === url) ?? null;
}

function picture(image, message, resolve) {
  const file = attached(image.url, message);
  const url = resolve(image.url);
  if (!canLoad(url)) return outside(url);
  const name = decodeURIComponent(url.split("/").at(-1).split("?")[0]);
  return attachmentNodes([file ?? { id: "", filename: name || "picture.png", url, content_type: "image/*", width: image.width, height: image.height }]);
}

/** An external picture, shown as a link: the page loads nothing from outside. */
function outside(url) {
  const safe = safeUrl(url);
  return safe ? h("a", { class: "outside", href: safe, target: "_blank", rel: "noopener noreferrer" }, icon("external"), safe) : null;
}

function thumbnail(url) {
  return canLoad(url) ? h("img", { class: "embed-thumbnail", src: localUrl(url), alt: "" }) : outside(url);
}

function small(url) {
  return url && canLoad(url) ? h("img", { class: "embed-icon", src: localUrl(url), alt: "" }) : null;
}

function linked(text, url) {
  const safe = url ? safeUrl(url) : null;
  return safe ? h("a", { href: safe, target: "_blank", rel: "noopener noreferrer" }, text) : h("span", {}, text);
}

function footer(embed, resolve) {
  const time = embed.timestamp ? formatTime(Date.parse(embed.timestamp), "f") : null;
  const text = [embed.footer?.text, time].filter(Boolean).join(" · ");
  return text ? h("div", { class: "embed-footer" }, small(resolve(embed.footer?.icon_url)), h("span", {}, text)) : null;
}

/** Whether a text has anything to show. */
export const hasText = (text) => Boolean(text) && parse(text).length > 0;
