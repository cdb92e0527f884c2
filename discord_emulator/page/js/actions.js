/**
 * User actions: messages, commands, presses, modal submissions. Each is sent to the server; errors are shown.
 */
import { ApiError } from "./api.js";
import { wrapOptions } from "./command-tree.js";
import { toast } from "./toast.js";

/** Dispatches "command" when one is run. */
export class Actions extends EventTarget {
  constructor(app) {
    super();
    this.app = app;
  }

  get channelId() {
    return this.app.store.channelId;
  }

  /** Post a message. @returns {Promise<boolean>} whether it was sent */
  async say(content, files) {
    try {
      const message = await this.app.api.sendMessage(this.channelId, content, files);
      if (message?.id) this.app.store.apply({ t: "MESSAGE_CREATE", d: message });
      return true;
    } catch (error) {
      explain(error);
      return false;
    }
  }

  /** Run a slash command. @param {import("./command-tree.js").Leaf} leaf */
  command(leaf, options, files) {
    this.dispatchEvent(new Event("command"));
    const body = { command_id: leaf.command.id, options: wrapOptions(leaf, options) };
    return this.send({ kind: "command", title: `/${leaf.title}` }, (entry) =>
      this.app.api.command({ ...body, channel_id: entry.channelId, nonce: entry.nonce }, files));
  }

  /** Run a message or user command. @param {import("./types.js").Command} command */
  contextCommand(command, targetId) {
    return this.send({ kind: "command", title: command.name }, (entry) => this.app.api.command({
      command_id: command.id, target_id: targetId, options: [], channel_id: entry.channelId, nonce: entry.nonce,
    }));
  }

  /** Press a button or choose from a menu. */
  press(message, component, values) {
    const about = { kind: "component", messageId: message.id, customId: component.custom_id, channelId: message.channel_id };
    return this.send(about, (entry) => this.app.api.component({
      channel_id: message.channel_id, message_id: message.id, custom_id: component.custom_id,
      component_type: component.type, values, nonce: entry.nonce,
    }));
  }

  /** Submit a modal. @returns {Promise<string|null>} the error */
  async submitModal(modal, components) {
    const entry = this.app.pending.start({ kind: "modal", title: modal.title, channelId: this.channelId });
    try {
      const answer = await this.app.api.modal({
        custom_id: modal.custom_id, components, nonce: entry.nonce, interaction_id: modal.interaction_id, channel_id: this.channelId,
      });
      this.app.pending.named(entry, answer.interaction_id);
      return null;
    } catch (error) {
      this.app.pending.end(entry);
      return error.message;
    }
  }

  async send(about, request) {
    const entry = this.app.pending.start({ channelId: this.channelId, ...about });
    try {
      const answer = await request(entry);
      this.app.pending.named(entry, answer.interaction_id);
      return true;
    } catch (error) {
      this.app.pending.fail(entry.nonce, error instanceof ApiError ? error.message : null);
      return false;
    }
  }
}

/** Show a failed request. */
export function explain(error) {
  toast(error instanceof ApiError ? error.message : "Something went wrong. Please try again.");
}
