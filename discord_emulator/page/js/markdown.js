/**
 * Parses Discord's markdown into a tree of plain objects. No DOM: `markdown-dom.js` renders the tree, tests
 * run this under Node.
 *
 * Blocks: {type: heading|subtext|quote|list|code|text}. Inline: {type: text|strong|em|underline|strike|spoiler|
 * code|link|user|role|channel|everyone|time|command|emoji}. Everything else stays text.
 */

const DEPTH = 12; // deeper nesting is shown as text, so hostile input cannot overflow the stack

/** Markers that wrap other text, longest first. `word`: must not stand inside a word (snake_case stays as it is). */
const WRAPS = [
  { mark: "***", type: "strong", inner: "em" },
  { mark: "**", type: "strong" },
  { mark: "__", type: "underline" },
  { mark: "~~", type: "strike" },
  { mark: "||", type: "spoiler" },
  { mark: "*", type: "em", tight: true },
  { mark: "_", type: "em", tight: true, word: true },
];

/** Atomic elements: [pattern, node]. */
const TOKENS = [
  [/<@!?(\d{1,20})>/y, (m) => ({ type: "user", id: m[1] })],
  [/<@&(\d{1,20})>/y, (m) => ({ type: "role", id: m[1] })],
  [/<#(\d{1,20})>/y, (m) => ({ type: "channel", id: m[1] })],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, (m) => ({ type: "time", seconds: Number(m[1]), style: m[2] ?? "f" })],
  [/<\/([-\p{L}\p{N}_ ]{1,100}):(\d{1,20})>/yu, (m) => ({ type: "command", name: m[1], id: m[2] })],
  [/<a?:(\w{2,32}):(\d{1,20})>/y, (m) => ({ type: "emoji", name: m[1], id: m[2] })],
  [/<(https?:\/\/[^\s<>]+)>/y, (m) => link(m[1], [{ type: "text", text: m[1] }])],
  [/@(everyone|here)\b/y, (m) => ({ type: "everyone", name: m[1] })],
  [/\[((?:\\.|[^[\]\\\n]){1,500})\]\(<?(https?:\/\/[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+"[^"\n]*")?\)/y,
    (m, depth) => link(m[2], inline(m[1], depth + 1, true))],
  [/https?:\/\/[^\s<]+/y, (m) => {
    const url = withoutTail(m[0]);
    return { ...link(url, [{ type: "text", text: url }]), length: url.length };
  }],
];

const STARTS = /[\\`<@[h*_~|]/; // where an inline construct may begin

function link(url, children) {
  try {
    const { protocol, href } = new URL(url);
    if (protocol === "http:" || protocol === "https:") return { type: "link", url: href, children };
  } catch { /* not an address: shown as the text it is */ }
  return { type: "group", children };
}

/** A bare address without the punctuation that follows it; a closing bracket stays if it was opened inside. */
function withoutTail(address) {
  let url = address;
  while (/[.,:;"'\]*_~|!?]$/.test(url) || (url.endsWith(")") && url.split(")").length > url.split("(").length)) url = url.slice(0, -1);
  return url;
}

/** Read inline markdown. @returns {object[]} */
export function inline(text, depth = 0, inLink = false) {
  if (depth > DEPTH) return [{ type: "text", text }];
  const nodes = [];
  let plain = "";
  const push = (node) => {
    if (plain !== "") nodes.push({ type: "text", text: plain });
    plain = "";
    nodes.push(...(node.type === "group" ? node.children : [node]));
  };
  for (let at = 0; at < text.length;) {
    if (!STARTS.test(text[at])) {
      plain += text[at];
      at += 1;
      continue;
    }
    if (text[at] === "\\" && /[\\`*_~|<>[\]()#@:.-]/.test(text[at + 1] ?? "")) {
      plain += text[at + 1];
      at += 2;
      continue;
    }
    const found = codeAt(text, at) ?? tokenAt(text, at, depth, inLink) ?? wrapAt(text, at, depth, inLink);
    if (found === null) {
      plain += text[at];
      at += 1;
    } else {
      push(found.node);
      at = found.end;
    }
  }
  if (plain !== "") nodes.push({ type: "text", text: plain });
  return nodes;
}

function codeAt(text, at) {
  if (text[at] !== "`") return null;
  const fence = /`+/y;
  fence.lastIndex = at;
  const mark = fence.exec(text)[0];
  for (let close = text.indexOf(mark, at + mark.length); close >= 0; close = text.indexOf(mark, close + 1)) {
    if (text[close + mark.length] === "`" || text[close - 1] === "`") continue;
    const body = text.slice(at + mark.length, close);
    return { node: { type: "code", text: body.replace(/^ (?=.*`)|(?<=`.*) $/g, "") }, end: close + mark.length };
  }
  return null;
}

function tokenAt(text, at, depth, inLink) {
  for (const [pattern, make] of TOKENS) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) continue;
    const { length = match[0].length, ...node } = make(match, depth);
    if (node.type === "link" && inLink) return null;
    return { node, end: at + length };
  }
  return null;
}

function wrapAt(text, at, depth, inLink) {
  for (const { mark, type, inner, tight, word } of WRAPS) {
    if (!text.startsWith(mark, at)) continue;
    if (tight && (/\s|^$/.test(text[at + 1] ?? "") || text[at + 1] === mark)) continue;
    if (word && /[\p{L}\p{N}]/u.test(text[at - 1] ?? "")) continue;
    const close = findClose(text, at + mark.length, mark, word);
    if (close < 0) continue;
    const children = inline(text.slice(at + mark.length, close), depth + 1, inLink);
    const node = inner ? { type, children: [{ type: inner, children }] } : { type, children };
    return { node, end: close + mark.length };
  }
  return null;
}

/** The closing marker's position: not empty, not escaped, not inside code, not part of a longer marker. */
function findClose(text, from, mark, word) {
  const sign = mark[0];
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "`") at = (codeAt(text, at)?.end ?? at + 1) - 1;
    else if (text.startsWith(mark, at)) {
      let run = 0;
      while (text[at + run] === sign) run += 1;
      const fits = run === mark.length || (run > mark.length && run !== 2);
      const end = at + run - mark.length;
      const open = word && /[\p{L}\p{N}]/u.test(text[at + run] ?? "");
      if (fits && !open && end > from && text.slice(from, end).trim() !== "") return end;
      at += run - 1;
    }
  }
  return -1;
}

/** Read a whole message. @returns {object[]} blocks */
export function parse(source) {
  const blocks = [];
  const text = source.replace(/\r\n?/g, "\n");
  const fences = /```(?:([\w+.#-]{1,20})\n)?\n?([\s\S]*?[^\n][\s\S]*?)\n?```/g;
  let end = 0;
  for (const match of text.matchAll(fences)) {
    lines(text.slice(end, match.index).replace(/\n$/, ""), blocks);
    blocks.push({ type: "code", language: match[1] ?? null, text: match[2] });
    end = match.index + match[0].length;
    if (text[end] === "\n") end += 1;
  }
  lines(text.slice(end), blocks);
  return blocks;
}

/** Line-based blocks; neighbouring ordinary lines are joined so that markers may span them. */
function lines(text, blocks) {
  if (text === "") return;
  let open = [];
  const flush = () => {
    if (open.length > 0) blocks.push({ type: "text", children: inline(open.join("\n")) });
    open = [];
  };
  const add = (block) => {
    flush();
    blocks.push(block);
  };
  const rows = text.split("\n");
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i];
    let match;
    if ((match = /^>>> ([\s\S]*)$/.exec(rows.slice(i).join("\n")))) {
      add({ type: "quote", children: inline(match[1]) });
      return;
    }
    if ((match = /^> (.*)$/.exec(row))) {
      const quoted = [match[1]];
      while (/^> /.test(rows[i + 1] ?? "")) quoted.push(rows[(i += 1)].slice(2));
      add({ type: "quote", children: inline(quoted.join("\n")) });
    } else if ((match = /^(#{1,3}) +(.+?)\s*$/.exec(row))) {
      add({ type: "heading", level: match[1].length, children: inline(match[2]) });
    } else if ((match = /^-# +(.+)$/.exec(row))) {
      add({ type: "subtext", children: inline(match[1]) });
    } else if ((match = /^( *)(?:([-*])|(\d{1,9})\.) +(.+)$/.exec(row))) {
      flush();
      const item = { depth: Math.min(3, match[1].length >> 1), number: match[3] ? Number(match[3]) : null, children: inline(match[4]) };
      const last = blocks.at(-1);
      if (last?.type === "list") last.items.push(item);
      else blocks.push({ type: "list", items: [item] });
    } else open.push(row);
  }
  flush();
}

/** The plain text for screen readers. */
export function plainText(source) {
  const flat = (nodes) => nodes.map((node) => {
    if (node.type === "spoiler") return "spoiler";
    if (node.items) return node.items.map((item) => flat(item.children)).join(", ");
    return node.children ? flat(node.children) : node.text ?? node.name ?? "";
  }).join("");
  return parse(source).map((block) => flat([block])).join(" ").replace(/\s+/g, " ").trim();
}
