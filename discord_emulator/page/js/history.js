/**
 * Input history with the arrow keys, as in a terminal; stored per tab.
 */

const KEY = "melicon-history";
const MOST = 50;

export class History {
  constructor() {
    /** @type {string[]} */
    this.lines = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    this.at = this.lines.length;
  }

  add(line) {
    if (line !== "" && line !== this.lines.at(-1)) this.lines = [...this.lines, line].slice(-MOST);
    this.at = this.lines.length;
    sessionStorage.setItem(KEY, JSON.stringify(this.lines));
  }

  /**
   * @param {-1|1} direction back or forward
   * @param {string} current what stands in the field: an unsent line of one's own is never replaced
   * @returns {string|null} the line to show, or null to leave the field alone
   */
  step(direction, current) {
    const recalled = this.at < this.lines.length && this.lines[this.at] === current;
    if (current !== "" && !recalled) return null;
    if (current === "") this.at = this.lines.length;
    const next = this.at + direction;
    if (next < 0 || next > this.lines.length || (current === "" && direction > 0)) return null;
    this.at = next;
    return this.lines[next] ?? "";
  }
}
