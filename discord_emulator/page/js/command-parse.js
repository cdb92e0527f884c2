/**
 * A typed command line: `/melicon seed:123`, `/daily set time:"9 am" channel:#icons`, `/melicon 123`.
 *
 * A value runs until the next known option name followed by a colon, so it may hold spaces and colons of its own;
 * in quotes it may hold anything. Text before the first name goes to the first option (required ones first).
 * No DOM in here; tests run it under Node.
 */
import { nameOf } from "./command-tree.js";

/**
 * @typedef {import("./command-tree.js").Leaf} Leaf
 * @typedef {import("./types.js").Option} Option
 * @typedef {{option: Option|null, raw: string, start: number, end: number, quoted: boolean}} Piece
 *     `start`/`end`: the value's position in the text. `option` is null for text before any name.
 * @typedef {{leaf: Leaf|null, query: string, values: Map<string, string>, pieces: Piece[], error: string|null}} Parsed
 */

const QUOTES = { '"': '"', "“": "”", "«": "»" };

/** The longest matching command, and where its options begin. */
function findLeaf(text, all) {
  let best = null;
  for (const leaf of all) {
    for (const name of leaf.names) {
      const pattern = name.split(" ").map(escapeRegExp).join("\\s+");
      const match = new RegExp(`^/\\s*${pattern}(?=\\s|$)`, "iu").exec(text);
      if (match && (best === null || match[0].length > best.end)) best = { leaf, end: match[0].length };
    }
  }
  return best;
}

/** Split the text after the command into pieces, one per `name:`. */
function cut(text, from, names) {
  /** @type {Piece[]} */
  const pieces = [];
  let piece = { option: null, raw: "", start: from, end: from, quoted: false };
  let stray = null;
  let at = from;
  const close = (end) => {
    if (!piece.quoted) {
      const raw = text.slice(piece.start, end);
      piece.start += raw.length - raw.trimStart().length;
      piece.raw = raw.trim();
      piece.end = Math.max(piece.start, end);
    } else if (stray === null && text.slice(piece.end, end).trim() !== "") {
      stray = text.slice(piece.end, end).trim();
    }
    if (piece.option !== null || piece.raw !== "") pieces.push(piece);
  };
  while (at < text.length) {
    const found = /\s/.test(text[at - 1] ?? " ") ? nameAt(text, at, names) : null;
    if (found === null) {
      at += 1;
      continue;
    }
    close(at);
    at += found.length;
    piece = { option: found.option, raw: "", start: at, end: at, quoted: false };
    const quoted = quotedAt(text, at);
    if (quoted) {
      piece = { ...piece, raw: quoted.value, end: quoted.end, quoted: true };
      at = quoted.end;
    }
  }
  close(text.length);
  return { pieces, stray };
}

/** The option whose `name:` is here, if any; the longest match. */
function nameAt(text, at, names) {
  const colon = text.indexOf(":", at);
  if (colon < 0) return null;
  const option = names.get(text.slice(at, colon).toLowerCase());
  return option ? { option, length: colon + 1 - at } : null;
}

/** A quoted value at or just after this place; an unclosed quote is an ordinary character. */
function quotedAt(text, at) {
  const open = at + (text.slice(at).length - text.slice(at).trimStart().length);
  const closing = QUOTES[text[open]];
  if (!closing) return null;
  let value = "";
  for (let i = open + 1; i < text.length; i += 1) {
    if (text[i] === "\\" && (text[i + 1] === closing || text[i + 1] === "\\")) {
      value += text[i + 1];
      i += 1;
    } else if (text[i] === closing) {
      return { value, end: i + 1 };
    } else value += text[i];
  }
  return null;
}

/**
 * Read a command line.
 *
 * @param {string} text the composer's whole text; must start with "/"
 * @param {Leaf[]} all what can be run
 * @param {string} [locale] to know the options by their translated names too
 * @returns {Parsed} `leaf` is null while no whole command name is there (`query` is then what to search for);
 *     `values` maps an option's real name to its raw text; `error` is a sentence for the person.
 */
export function parseCommand(text, all, locale) {
  const found = findLeaf(text, all);
  const query = text.replace(/^\/\s*/, "");
  if (found === null) {
    const word = query.split(/\s/)[0];
    const error = word ? `There is no command “/${word}” here. Type / to see them all.` : "Type the name of a command.";
    return { leaf: null, query, values: new Map(), pieces: [], error };
  }
  const { leaf, end } = found;
  const names = new Map();
  for (const option of leaf.options) {
    names.set(nameOf(option, locale).toLowerCase(), option);
    names.set(option.name.toLowerCase(), option);
  }
  const { pieces, stray } = cut(text, end, names);
  const values = new Map();
  const known = leaf.options.map((option) => nameOf(option, locale)).join(", ");
  let error = stray === null ? null : `I cannot place “${stray}”: put it before the closing quote, or after an option's name.`;
  for (const piece of pieces) {
    if (piece.option === null) {
      const unknown = /^([-\p{L}\p{N}_]{1,32}):(?!\/\/)/u.exec(piece.raw);
      const named = new Set(pieces.map((item) => item.option?.name));
      const free = leaf.options.filter((option) => !named.has(option.name));
      piece.option = free.find((option) => option.required) ?? free[0] ?? null;
      if (unknown || piece.option === null) {
        const what = unknown ? `no option “${unknown[1]}”` : `no option for “${piece.raw}”`;
        error ??= `/${leaf.title} has ${what}${known ? `; it knows: ${known}` : ""}.`;
        continue;
      }
    }
    if (values.has(piece.option.name)) error ??= `“${nameOf(piece.option, locale)}” is given twice.`;
    if (piece.raw !== "" || piece.quoted) values.set(piece.option.name, piece.raw);
  }
  return { leaf, query, values, pieces, error };
}

/** The piece at the caret. @returns {Piece|null} */
export function pieceAt(parsed, caret) {
  return parsed.pieces.findLast((piece) => piece.option && piece.start <= caret && caret <= piece.end) ?? null;
}

/** Format a command line for `parseCommand`, quoting ambiguous values. */
export function formatCommand(leaf, values, locale) {
  const parts = [`/${leaf.title}`];
  for (const option of leaf.options) {
    const raw = values.get(option.name);
    if (raw === undefined) continue;
    const plain = raw !== "" && !/[:"“«\\]|^\s|\s$|\s{2}|\n/.test(raw);
    parts.push(`${nameOf(option, locale)}:${plain ? raw : `"${raw.replace(/[\\"]/g, "\\$&")}"`}`);
  }
  return parts.join(" ");
}

function escapeRegExp(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
