/**
 * Formats times, and extracts timestamps from Discord ids ("snowflakes").
 */
import { h } from "./dom.js";

const DISCORD_EPOCH = 1420070400000n; // 2015-01-01 in ms

/** An id's creation time (ms since 1970). */
function snowflakeTime(id) {
  return Number((BigInt(id) >> 22n) + DISCORD_EPOCH);
}

/** Compare two ids: shorter numbers are older. */
export function compareIds(a, b) {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

/** @param {import("./types.js").Message} message */
export function messageTime(message) {
  const stamp = message.timestamp ? Date.parse(message.timestamp) : NaN;
  return Number.isNaN(stamp) ? snowflakeTime(message.id) : stamp;
}

const STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};
const STEPS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];

/** "in 5 minutes", "2 days ago". */
function relative(ms, now = Date.now()) {
  const seconds = Math.round((ms - now) / 1000);
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  const step = STEPS.find(([, size]) => Math.abs(seconds) >= size);
  return step ? format.format(Math.trunc(seconds / step[1]), step[0]) : format.format(seconds, "second");
}

/** One of Discord's timestamp styles (t T d D f F R). */
export function formatTime(ms, style) {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return "Invalid date";
  return style === "R" ? relative(ms) : new Intl.DateTimeFormat(undefined, STYLES[style] ?? STYLES.f).format(date);
}

/** A <time> element; relative ones are kept up to date by `refreshTimes`. */
export function timeNode(ms, style, className = "") {
  const valid = Math.abs(ms) <= 8.64e15;
  return h("time", {
    class: className, datetime: valid ? new Date(ms).toISOString() : null, title: valid ? formatTime(ms, "F") : null,
    data: style === "R" ? { relative: ms } : {},
  }, formatTime(ms, style));
}

/** Rewrite every relative time on the page. */
export function refreshTimes(root = document) {
  for (const node of root.querySelectorAll("time[data-relative]")) node.textContent = relative(Number(node.dataset.relative));
}

/** The heading between days: Today, Yesterday, or the date. */
export function dayLabel(ms) {
  const day = (date) => new Date(date).toDateString();
  if (day(ms) === day(Date.now())) return "Today";
  if (day(ms) === day(Date.now() - 86400000)) return "Yesterday";
  return new Intl.DateTimeFormat(undefined, { dateStyle: "full" }).format(new Date(ms));
}
