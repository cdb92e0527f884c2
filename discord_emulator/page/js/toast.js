/**
 * Toasts for errors outside any message ("Cannot reach the server").
 */
import { h } from "./dom.js";

const SHOWN = 6000; // ms

/** @param {string} text @param {"error"|"info"} kind */
export function toast(text, kind = "error") {
  const holder = document.getElementById("toasts");
  const note = h("div", { class: `toast toast-${kind}`, role: kind === "error" ? "alert" : "status", data: { testid: "toast" } }, text);
  holder.append(note);
  while (holder.children.length > 3) holder.firstChild.remove();
  setTimeout(() => note.remove(), SHOWN);
}
