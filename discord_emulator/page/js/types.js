/**
 * JSDoc types of the objects exchanged with the emulator: Discord's own,
 * reduced to the fields the page uses.
 *
 * @typedef {{id: string, username: string, global_name?: string, avatar_url?: string, bot?: boolean,
 *            role?: string, roles?: (string|{id: string, name: string})[], locale?: string, permissions?: string}} User
 * @typedef {{id: string, name: string, topic?: string, type?: number, permissions?: string}} Channel
 * @typedef {{id: string, name: string, color?: number}} Role
 * @typedef {{id: string, name: string}} Named
 * @typedef {{online: boolean, id: string, username: string, avatar_url?: string}} Bot
 *
 * @typedef {Object<string, string>} Localised  locale code -> text
 * @typedef {{name: string, name_localizations?: Localised, value: string|number}} Choice
 * @typedef {{type: number, name: string, name_localizations?: Localised, description?: string,
 *            description_localizations?: Localised, required?: boolean, choices?: Choice[], options?: Option[],
 *            autocomplete?: boolean, min_value?: number, max_value?: number, min_length?: number,
 *            max_length?: number, channel_types?: number[]}} Option
 * @typedef {{id: string, type?: number, name: string, name_localizations?: Localised, description?: string,
 *            description_localizations?: Localised, options?: Option[],
 *            default_member_permissions?: string|null}} Command
 * @typedef {{name: string, type: number, value?: any, focused?: boolean, options?: OptionValue[]}} OptionValue
 *
 * @typedef {{id: string, filename: string, url: string, size?: number, content_type?: string,
 *            description?: string, width?: number, height?: number}} Attachment
 * @typedef {{title?: string, description?: string, url?: string, color?: number, timestamp?: string,
 *            author?: {name: string, url?: string, icon_url?: string}, footer?: {text: string, icon_url?: string},
 *            fields?: {name: string, value: string, inline?: boolean}[],
 *            image?: {url: string, width?: number, height?: number}, thumbnail?: {url: string}}} Embed
 * @typedef {{id?: string, name?: string}} Emoji
 * @typedef {{label: string, value: string, description?: string, emoji?: Emoji, default?: boolean}} SelectOption
 * @typedef {{type: number, custom_id?: string, style?: number, label?: string, emoji?: Emoji, url?: string,
 *            disabled?: boolean, placeholder?: string, min_values?: number, max_values?: number,
 *            options?: SelectOption[], channel_types?: number[], components?: Component[], component?: Component,
 *            value?: string, min_length?: number, max_length?: number, required?: boolean, content?: string,
 *            description?: string}} Component
 * @typedef {{id: string, channel_id: string, author: User, content?: string, timestamp?: string,
 *            edited_timestamp?: string|null, flags?: number, type?: number, embeds?: Embed[],
 *            attachments?: Attachment[], components?: Component[], referenced_message?: Message|null,
 *            interaction?: {id: string, type?: number, name?: string, user: User},
 *            interaction_metadata?: {id: string, type?: number, name?: string, user: User},
 *            reactions?: {emoji: Emoji, count: number}[]}} Message
 *
 * @typedef {{users: User[], me: User|string, application: Named, bot: Bot, guild: Named & {roles?: Role[]},
 *            roles?: Role[], channels: Channel[], commands: Command[], allowed: Object<string, string[]>,
 *            messages: Object<string, Message[]>}} State
 * @typedef {{t: string, d: any}} LiveEvent
 * @typedef {{interaction_id: string, title: string, custom_id: string, components: Component[]}} Modal
 */

/** Application command and option types (Discord's numbers). */
export const CommandType = Object.freeze({ CHAT_INPUT: 1, USER: 2, MESSAGE: 3 });

export const OptionType = Object.freeze({
  SUB_COMMAND: 1, SUB_COMMAND_GROUP: 2, STRING: 3, INTEGER: 4, BOOLEAN: 5, USER: 6, CHANNEL: 7, ROLE: 8,
  MENTIONABLE: 9, NUMBER: 10, ATTACHMENT: 11,
});

/** Message component types (Discord's numbers). */
export const ComponentType = Object.freeze({
  ROW: 1, BUTTON: 2, STRING_SELECT: 3, TEXT_INPUT: 4, USER_SELECT: 5, ROLE_SELECT: 6, MENTIONABLE_SELECT: 7,
  CHANNEL_SELECT: 8, TEXT_DISPLAY: 10, LABEL: 18,
});

/** Message flags (bits). */
export const MessageFlag = Object.freeze({ SUPPRESS_EMBEDS: 4, EPHEMERAL: 64, LOADING: 128 });
