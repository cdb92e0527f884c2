/**
 * The try-it chat page. This module creates all components and maintains the connection.
 */
import { Actions, explain } from "./actions.js";
import { Api } from "./api.js";
import { leaves } from "./command-tree.js";
import { Composer } from "./composer.js";
import { bindDrops } from "./files.js";
import { icon } from "./icons.js";
import { bindHint } from "./intro.js";
import { openModal } from "./modal.js";
import { Pending } from "./pending.js";
import { openMessageMenu, openUserCard } from "./people.js";
import { bindPersona, personaFromAddress, rememberPersona } from "./persona.js";
import { closePopover } from "./popover.js";
import { bindChannels, bindDrawer, bindMembers, bindTyping, closeDrawer } from "./sidebar.js";
import { LiveSocket } from "./socket.js";
import { Store } from "./store.js";
import { bindThemeButton } from "./theme.js";
import { refreshTimes } from "./time.js";
import { Timeline } from "./timeline.js";

const byId = (id) => document.getElementById(id);

class App {
  constructor() {
    this.api = new Api(personaFromAddress());
    this.store = new Store();
    this.pending = new Pending(this.store);
    this.actions = new Actions(this);
    this.composer = new Composer(this, {
      form: byId("composer"), field: byId("text"), editor: byId("editor"), assist: byId("assist"), tray: byId("tray"),
      problem: byId("problem"), attach: byId("attach"), chooser: byId("chooser"),
    });
    this.timeline = new Timeline(this, {
      scroller: byId("scroller"), list: byId("messages"), jump: byId("jump"), live: byId("live"),
    });
    bindChannels(this);
    bindMembers(this);
    bindTyping(this);
    bindPersona(byId("persona"), this);
    bindHint(byId("hint"), this);
    bindDrawer();
    bindThemeButton(byId("theme"));
    bindDrops((files) => this.composer.takeFiles(files), byId("drop-veil"));
    this.store.on("stranger", () => this.loadState().catch(explain));
    this.store.on("modal", (modal) => openModal(modal, this));
    byId("retry").addEventListener("click", () => this.connect());
    for (const node of document.querySelectorAll("[data-icon]")) node.replaceChildren(icon(node.dataset.icon));
    setInterval(refreshTimes, 15000);
  }

  /** The persona's commands, localised. */
  get leaves() {
    return leaves(this.store.commands, this.store.me.locale);
  }

  openUser(user, anchor) {
    openUserCard(user, anchor, this);
  }

  openMessageMenu(message, anchor) {
    openMessageMenu(message, anchor, this);
  }

  start() {
    this.connect();
    if (!window.matchMedia("(pointer: coarse)").matches) this.composer.focus();
  }

  /**
   * Load the persona's view. If the id is unknown (an old link, or a new world was created while the
   * page was open), use the persona with the same role.
   */
  async loadState() {
    const asked = this.api.user;
    let state;
    try {
      state = await this.api.state(asked);
    } catch (error) {
      if (error.status !== 400 || asked === null) throw error;
      state = await this.api.state(null);
      const same = state.users.find((user) => user.role === this.store.me.role) ?? state.me;
      if (same.id !== state.me.id) state = await this.api.state(same.id);
    }
    if (asked !== this.api.user) return;
    this.store.load(state);
    this.api.user = this.store.me.id;
    rememberPersona(this.store.me.id);
  }

  /**
   * Open and maintain the live connection. The state is loaded before, to identify the user and check the server,
   * and after; events in between are queued, so that none is lost or overwritten by an older state.
   */
  connect() {
    this.socket?.close();
    let waiting = [];
    const enter = async () => {
      await this.loadState();
      return this.api.socketUrl();
    };
    const refresh = async () => {
      waiting = waiting ?? [];
      try {
        await this.loadState();
        this.showConnection(true);
      } catch (error) {
        explain(error);
      }
      const events = waiting ?? [];
      waiting = null;
      for (const event of events) this.store.apply(event);
    };
    this.socket = new LiveSocket(enter, {
      onOpen: refresh,
      onLost: (error) => {
        waiting = [];
        this.showConnection(false, error);
      },
      onEvent: (event) => {
        if (waiting) waiting.push(event);
        else this.store.apply(event);
      },
    });
    this.socket.connect();
  }

  /** Switch to another persona. */
  become(id) {
    closeDrawer();
    if (id === this.store.me.id) return;
    closePopover();
    this.pending.clear();
    this.api.user = id;
    rememberPersona(id);
    this.connect();
    this.composer.focus();
  }

  /** @param {Error|null} [error] why nothing can be loaded; the server's message contains the remedy */
  showConnection(connected, error = null) {
    byId("connection").hidden = connected;
    byId("connection-text").textContent = error?.status > 0 ? error.message : "Connection lost. Reconnecting…";
    document.body.dataset.connected = String(connected);
  }
}

const app = new App();
app.start();
