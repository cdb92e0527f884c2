/**
 * The page's frame: channel list, header, member list, and the drawer on phones.
 */
import { avatar, h, replace } from "./dom.js";
import { icon } from "./icons.js";
import { personName } from "./option-parsing.js";
import { standing } from "./people.js";

const byId = (id) => document.getElementById(id);

const DIRECT = 1; // Discord's type of a channel between two
const isPrivate = (channel) => channel.type === DIRECT;
const plainName = (channel) => channel.name.replace(/^[@#]/, "");

/** Channels and the header above the messages. */
export function bindChannels(app) {
  const { store } = app;
  const draw = () => {
    replace(byId("guild"), store.guild.name);
    replace(byId("channels"), store.channels.map((channel) => {
      const current = channel.id === store.channelId;
      const unread = store.unread.has(channel.id);
      return h("li", {}, h("button", {
        type: "button", class: `channel${unread ? " unread" : ""}`, "aria-current": current ? "page" : null,
        data: { testid: "channel", channelId: channel.id }, on: { click: () => {
          store.select(channel.id);
          closeDrawer();
          app.composer.focus();
        } },
      }, icon(isPrivate(channel) ? "at" : "hash"), h("span", {}, plainName(channel)), unread ? h("span", { class: "unread-dot" }, h("span", { class: "visually-hidden" }, "unread")) : null));
    }));
    const { channel } = store;
    replace(byId("channel-sign"), icon(channel && isPrivate(channel) ? "at" : "hash"));
    replace(byId("channel-name"), channel ? plainName(channel) : "");
    replace(byId("channel-topic"), channel?.topic ?? "");
    document.title = channel ? `${isPrivate(channel) ? "@" : "#"}${plainName(channel)} · ${store.application.name}` : store.application.name;
  };
  for (const event of ["state", "channel", "channels"]) store.on(event, draw);
}

/** The bot's state in the header, and everyone in the member list. */
export function bindMembers(app) {
  const { store } = app;
  const person = (user, present) => h("li", {}, h("button", {
    type: "button", class: `member${present ? "" : " away"}`, "aria-haspopup": "dialog", on: { click: (event) => app.openUser(user, event.currentTarget) },
  }, h("span", { class: `presence ${present ? "on" : "off"}` }, avatar(user, "s")),
  h("span", { class: "member-text" }, h("span", {}, personName(user), user.bot ? h("span", { class: "badge" }, "BOT") : user.id === store.me.id ? h("small", { class: "you" }, " (you)") : null),
    h("small", {}, user.bot ? (present ? "Draws icons" : "Offline") : standing(user)))));
  const draw = () => {
    const { bot, users, me } = store;
    const status = byId("bot-status");
    status.dataset.online = String(bot.online);
    status.hidden = !store.loaded;
    replace(status, h("span", { class: "status-dot" }), `${bot.username} is ${bot.online ? "online" : "offline"}`);
    replace(byId("members"),
      h("h2", {}, "Bot"), h("ul", {}, person({ ...bot, bot: true }, bot.online)),
      h("h2", {}, `People — ${users.length}`), h("ul", {}, [...users].sort((a, b) => (b.id === me.id) - (a.id === me.id)).map((user) => person(user, user.id === me.id))));
  };
  for (const event of ["state", "bot"]) store.on(event, draw);
}

/** "Melicon is typing…" under the messages. */
export function bindTyping(app) {
  const { store } = app;
  const node = byId("typing");
  let timer = null;
  const clear = () => {
    clearTimeout(timer);
    replace(node, []);
  };
  store.on("typing", ({ channel_id: channelId, user }) => {
    const id = typeof user === "string" ? user : user?.id ?? store.bot.id;
    if (channelId !== store.channelId || id === store.me.id) return;
    clear();
    replace(node, h("b", {}, personName(store.user(id) ?? user)), " is typing…");
    timer = setTimeout(clear, 8000);
  });
  store.on("channel", clear);
  store.on("message", (message) => message.channel_id === store.channelId && clear());
}

/** The side bar slides over the messages on small screens. */
export function bindDrawer() {
  byId("drawer-button").addEventListener("click", () => setDrawer(!document.body.classList.contains("drawer-open")));
  byId("drawer-veil").addEventListener("click", closeDrawer);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.classList.contains("drawer-open")) {
      closeDrawer();
      byId("drawer-button").focus();
    }
  });
}

function setDrawer(open) {
  document.body.classList.toggle("drawer-open", open);
  byId("drawer-button").setAttribute("aria-expanded", String(open));
  if (open) byId("sidebar").querySelector("button")?.focus();
}

export function closeDrawer() {
  setDrawer(false);
}
