/**
 * The beginning of a channel, and the first-visit hint: what this is and three things to try.
 */
import { h } from "./dom.js";
import { icon, iconButton } from "./icons.js";
import { dots } from "./message.js";

const HIDDEN = "melicon-hint-hidden"; // "yes", or how many commands were run
const ENOUGH = 3; // after this many commands nobody is new here
const TRIES = [
  ["/melicon", "a new face"],
  ["/melicon seed:hello", "the face of a word"],
  ["/help", "all it can do"],
];

/** The current channel's head. */
export function introNode(app) {
  const { channel, bot, guild } = app.store;
  if (!channel) return [];
  return [
    h("img", { class: "intro-logo", src: "/static/favicon.svg", alt: "" }),
    h("h2", {}, channel.type === 1 ? `You and ${channel.name.replace(/^@/, "")}` : `Welcome to #${channel.name}`),
    h("p", {}, channel.topic || (channel.type === 1 ? "Only the two of you can read this." : `The beginning of #${channel.name} in ${guild.name}.`)),
    bot.online ? null : h("p", { class: "intro-waking", data: { testid: "waking" } }, dots(),
      `${bot.username || "The bot"} is waking up. Its commands will appear here in a moment.`),
  ];
}

/** The card above the composer, until it is closed. @param {HTMLElement} holder */
export function bindHint(holder, app) {
  const draw = () => {
    const known = new Set(app.store.commands.map((command) => command.name));
    const tries = TRIES.filter(([line]) => known.has(line.slice(1).split(" ")[0]));
    holder.hidden = tries.length === 0 || !app.store.bot.online || hidden();
    holder.replaceChildren(...holder.hidden ? [] : [
      h("div", { class: "hint-text" }, h("strong", {}, "New here?"),
        " Try one of these:"),
      h("div", { class: "hint-chips" }, tries.map(([line, what]) => h("button", {
        type: "button", class: "chip", data: { testid: "chip", line }, on: { click: () => app.composer.run(line) },
      }, icon("slash"), h("span", { class: "chip-line" }, line.slice(1)), h("small", {}, what)))),
      iconButton("close", "Hide these hints", () => {
        localStorage.setItem(HIDDEN, "yes");
        draw();
        app.composer.focus();
      }, { class: "icon-button hint-close", "data-testid": "hint-close" }),
    ]);
  };
  const hidden = () => localStorage.getItem(HIDDEN) === "yes" || Number(localStorage.getItem(HIDDEN)) >= ENOUGH;
  app.actions.addEventListener("command", () => {
    if (hidden()) return;
    localStorage.setItem(HIDDEN, String(Number(localStorage.getItem(HIDDEN)) + 1));
    draw();
  });
  for (const event of ["state", "commands", "bot", "channel"]) app.store.on(event, draw);
  draw();
}
