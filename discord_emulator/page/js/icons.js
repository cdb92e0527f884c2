/**
 * SVG icons for the interface and for emoji on the bot's buttons, so that they look the same
 * on every computer (many have no emoji font). All are 24×24 strokes; other emoji stay text.
 */
import { h } from "./dom.js";

const NS = "http://www.w3.org/2000/svg";

/** name -> path data. A leading "*" fills the path instead of stroking it. */
const PATHS = {
  hash: ["M9 4 7 20M17 4l-2 16M4 9h16M3.5 15h16"],
  menu: ["M4 7h16M4 12h16M4 17h16"],
  close: ["M6 6l12 12M18 6 6 18"],
  sun: ["M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z", "M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4"],
  moon: ["M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z"],
  clip: ["M20 11.5l-8 8a5 5 0 0 1-7-7l8.4-8.4a3.4 3.4 0 0 1 4.8 4.8l-8.3 8.2a1.7 1.7 0 0 1-2.4-2.4l7.6-7.5"],
  send: ["M4 12 20 4.5 15.5 20l-4-6.5L4 12Z", "M11.5 13.5 20 4.5"],
  dots: ["*M6 10.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6ZM12 10.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6ZM18 10.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6Z"],
  down: ["M6 9.5l6 6 6-6"],
  left: ["M14.5 6l-6 6 6 6"],
  right: ["M9.5 6l6 6-6 6"],
  download: ["M12 4v11M7.5 11 12 15.5 16.5 11", "M5 19.5h14"],
  external: ["M14 4h6v6M20 4l-9 9", "M18 14v4.5a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 4 18.5V7.5A1.5 1.5 0 0 1 5.5 6H10"],
  eye: ["M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z", "M12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6Z"],
  "eye-off": ["M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z", "M12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6Z", "M4 4l16 16"],
  file: ["M7 3.5h7l4 4v11.5a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 6 19V4.5A1 1 0 0 1 7 3.5Z", "M13.5 3.5V8H18"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  warn: ["M12 4 2.8 19.5h18.4L12 4Z", "M12 10v4.5M12 17v.2"],
  copy: ["M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9"],
  at: ["M12 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Z", "M15.5 8.5v4.8a2.2 2.2 0 0 0 4.5 0V12a8 8 0 1 0-3.2 6.4"],
  slash: ["M15.5 4.5l-7 15"],
  plus: ["M12 5v14M5 12h14"],
  dice: ["M6 4h12a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2Z", "*M8.5 7.2a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6ZM15.5 7.2a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6ZM12 10.7a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6ZM8.5 14.2a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6ZM15.5 14.2a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6Z"],
  dna: ["M7 3c0 5 10 5 10 9s-10 4-10 9", "M17 3c0 5-10 5-10 9s10 4 10 9", "M8.2 5.5h7.6M8.2 18.5h7.6"],
  shuffle: ["M3.5 7H7c4.5 0 5.5 10 10 10h3.5M3.5 17H7c1.5 0 2.6-1.1 3.5-2.6M13.6 9.5C14.5 8 15.5 7 17 7h3.5", "M18 4.5 20.5 7 18 9.5M18 14.5l2.5 2.5-2.5 2.5"],
  star: ["M12 3.5l2.6 5.5 6 .8-4.4 4.2 1.1 6L12 17.1 6.7 20l1.1-6L3.4 9.8l6-.8L12 3.5Z"],
  pencil: ["M5 19l1-4.5L16.5 4l3.5 3.5L9.5 18 5 19Z", "M14 6.5 17.5 10"],
  bin: ["M4.5 6.5h15M9.5 6.5V4h5v2.5M6.5 6.5l.8 13.5h9.4l.8-13.5M10 10.5v6M14 10.5v6"],
  heart: ["M12 20s-8-4.8-8-10.5A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 8 2.5C20 15.2 12 20 12 20Z"],
  sparkles: ["M10 4l1.7 4.8L16.5 10.5l-4.8 1.7L10 17l-1.7-4.8L3.5 10.5l4.8-1.7L10 4Z", "M18 14.5l.9 2.1 2.1.9-2.1.9-.9 2.1-.9-2.1-2.1-.9 2.1-.9.9-2.1Z"],
  palette: ["M12 3.5a8.5 8.5 0 1 0 0 17c1.3 0 1.8-.9 1.5-2-.4-1.6.6-2.5 2-2.5H18c1.7 0 2.5-1.3 2.5-3C20.5 7.5 16.7 3.5 12 3.5Z", "*M8 9.8a1.2 1.2 0 1 0 0 2.4 1.2 1.2 0 0 0 0-2.4ZM11 6.3a1.2 1.2 0 1 0 0 2.4 1.2 1.2 0 0 0 0-2.4ZM15.5 7.3a1.2 1.2 0 1 0 0 2.4 1.2 1.2 0 0 0 0-2.4Z"],
  picture: ["M5 4.5h14A1.5 1.5 0 0 1 20.5 6v12a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18V6A1.5 1.5 0 0 1 5 4.5Z", "M4 17l5-5 4 4 3-3 4.5 4.5"],
  calendar: ["M5 6h14v14H5zM5 10h14M9 3.5V7.5M15 3.5V7.5"],
  repeat: ["M4.5 11.5v-1A3.5 3.5 0 0 1 8 7h11.5M16.5 4l3 3-3 3M19.5 12.5v1A3.5 3.5 0 0 1 16 17H4.5M7.5 20l-3-3 3-3"],
  search: ["M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12ZM15 15l5 5"],
  info: ["M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 11v5.5M12 7.6v.2"],
  clock: ["M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 7.5V12l3 2"],
  sprout: ["M12 20v-8M12 14c0-4-3-6-7.5-6 0 4 2.5 6 7.5 6ZM12 11.5c0-3.5 2.5-6 7.5-6 0 4-2.5 6-7.5 6Z"],
  brush: ["M20 4c-5 2-9 6-10.5 9.5l1.5 1.5C14.5 13.5 18.5 9 20 4ZM9 14c-2.5 0-3 2-3 3.5S5 20 4 20c3 1 7 0 7-3.5"],
  sliders: ["M6 3.5v7M6 15.5v5M12 3.5v3M12 11.5v9M18 3.5v9M18 17.5v3", "M6 10.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5ZM12 6.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5ZM18 12.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z"],
  undo: ["M8.5 5 4.5 9l4 4", "M4.5 9H14a5 5 0 0 1 0 10h-4"],
  stop: ["M6.5 6.5h11v11h-11z"],
  box: ["M4 8l8-4.5L20 8v8.5L12 21l-8-4.5zM4 8l8 4.5L20 8M12 12.5V21"],
  lock: ["M6 10.5h12v9H6zM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5"],
};

/** emoji (without variation selector) -> [drawing, name for screen readers]. */
const EMOJI = {
  "🎲": ["dice", "die"], "🧬": ["dna", "DNA"], "🔀": ["shuffle", "shuffle"], "⭐": ["star", "star"],
  "🌟": ["star", "star"], "🗑": ["bin", "bin"], "❤": ["heart", "heart"], "💖": ["heart", "heart"],
  "✨": ["sparkles", "sparkles"], "🎨": ["palette", "palette"], "🖌": ["brush", "brush"], "🖼": ["picture", "picture"],
  "📅": ["calendar", "calendar"], "🗓": ["calendar", "calendar"], "🔁": ["repeat", "repeat"], "🔄": ["repeat", "repeat"],
  "🔍": ["search", "search"], "🔎": ["search", "search"], "ℹ": ["info", "information"], "⏳": ["clock", "hourglass"],
  "⏰": ["clock", "clock"], "🕛": ["clock", "clock"], "🌱": ["sprout", "sprout"], "✅": ["check", "done"],
  "✔": ["check", "done"], "❌": ["close", "cross"], "✖": ["close", "cross"], "⚠": ["warn", "warning"],
  "⏹": ["stop", "stop"], "🛑": ["stop", "stop"], "🔒": ["lock", "lock"], "➕": ["plus", "plus"], "⬇": ["download", "download"],
  "◀": ["left", "back"], "⬅": ["left", "back"], "▶": ["right", "forward"], "➡": ["right", "forward"],
  "👁": ["eye", "eye"], "🙈": ["eye-off", "hidden"], "📎": ["clip", "paper clip"], "📄": ["file", "page"], "📋": ["copy", "clipboard"],
  "📦": ["box", "box"], "✏": ["pencil", "pencil"], "🔖": ["star", "bookmark"], "🎛": ["sliders", "sliders"], "↩": ["undo", "back to the start"],
};

const KNOWN = new RegExp(`(${Object.keys(EMOJI).join("|")})\\uFE0F?`, "gu");

/** An interface icon; decorative unless a label is given. */
export function icon(name, label = null) {
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  if (label === null) svg.setAttribute("aria-hidden", "true");
  else {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  }
  for (const path of PATHS[name] ?? []) {
    const node = document.createElementNS(NS, "path");
    if (path.startsWith("*")) node.setAttribute("class", "icon-fill");
    node.setAttribute("d", path.replace("*", ""));
    svg.append(node);
  }
  return svg;
}

/** A button that is only an icon, named for screen readers and on hover. */
export function iconButton(name, label, onClick, extra = {}) {
  const props = { type: "button", class: "icon-button", "aria-label": label, title: label, ...extra };
  return h("button", { ...props, on: { click: onClick } }, icon(name));
}

/** The page's drawing of one emoji, or the emoji itself as text. Decorative: used beside a label. */
export function emojiIcon(emoji) {
  const known = EMOJI[(emoji?.name ?? "").replace("\uFE0F", "")];
  if (known) return h("span", { class: `emoji emoji-${known[0]}`, "aria-hidden": "true" }, icon(known[0]));
  const custom = emoji?.id ? `:${emoji.name ?? "emoji"}:` : emoji?.name ?? "";
  return h("span", { class: "emoji", "aria-hidden": "true" }, custom);
}

/** Text with the known emoji drawn: a list of strings and nodes. */
export function withEmoji(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(KNOWN)) {
    if (match.index > end) parts.push(text.slice(end, match.index));
    const [name, label] = EMOJI[match[1]];
    parts.push(h("span", { class: `emoji emoji-${name}` }, icon(name, label)));
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}
