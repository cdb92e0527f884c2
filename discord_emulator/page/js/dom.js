/**
 * Builds DOM nodes. All content goes through `h` or `text`: data only becomes text nodes
 * and attribute values, never markup, so message content cannot execute.
 */

/**
 * An element with attributes, listeners and children.
 *
 * @param {string} tag
 * @param {Object<string, any>} [props] `on` holds listeners, `data` the data-* attributes; a value of `false`,
 *     `null` or `undefined` leaves an attribute out and `true` sets it empty. Inline styles are refused: the
 *     page's Content-Security-Policy would drop them.
 * @param {...(Node|string|null|undefined|false|Array)} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "data") {
      for (const [key, item] of Object.entries(value)) if (item != null) node.dataset[key] = String(item);
    } else if (name === "value") {
      /** @type {HTMLInputElement} */ (node).value = value;
    } else if (name === "style" || name.startsWith("on")) {
      throw new TypeError(`h(): ${name} is not allowed as an attribute`);
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Only http and https addresses may become links; anything else is null. */
export function safeUrl(address) {
  try {
    const url = new URL(address);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * A URL that the page may load. The emulator returns absolute URLs on its own origin; the page may
 * have been opened as localhost while they say 127.0.0.1 (same port, same server), and the policy would refuse them.
 */
export function localUrl(address) {
  const loopback = new Set(["127.0.0.1", "localhost", "[::1]"]);
  try {
    const url = new URL(address, location.href);
    const same = url.port === location.port && loopback.has(url.hostname) && loopback.has(location.hostname);
    if (same) return url.pathname + url.search;
    return url.origin === location.origin ? url.href : safeUrl(url.href);
  } catch {
    return null;
  }
}

/** Whether the page's CSP allows a picture's URL. */
export function canLoad(address) {
  const local = localUrl(address);
  return local !== null && new URL(local, location.href).origin === location.origin;
}

/** Replace a node's children. */
export function replace(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter(Boolean));
}

let serial = 0;

/** A new id for aria-* references. */
export function uid(prefix = "id") {
  serial += 1;
  return `${prefix}-${serial}`;
}

/** A user's avatar, or their initial on a colour as fallback. */
export function avatar(user, size = "m") {
  const name = user?.global_name || user?.username || "?";
  const holder = h("span", { class: `avatar avatar-${size}`, "aria-hidden": "true", data: { hue: hue(user?.id) } });
  const initial = () => replace(holder, h("span", { class: "avatar-initial" }, [...name][0].toUpperCase()));
  const source = user?.avatar_url ? localUrl(user.avatar_url) : null;
  if (source === null || !canLoad(source)) initial();
  else holder.append(h("img", { src: source, alt: "", draggable: "false", on: { error: initial } }));
  return holder;
}

/** One of six colours, determined by the id. */
function hue(id) {
  return [...String(id ?? "")].reduce((sum, digit) => sum + digit.charCodeAt(0), 0) % 6;
}
