/**
 * The emulator's HTTP side: one method per request. Live events are in `socket.js`.
 */

/** A refused request; `message` is for the user. */
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** A nonce that correlates a press or command with its outcome. */
export function makeNonce() {
  return crypto.getRandomValues(new Uint32Array(3)).join("-");
}

export class Api {
  /** @param {string|null} user id of the acting persona; null lets the server choose at the first `state` */
  constructor(user) {
    this.user = user;
  }

  /**
   * @param {string|null} user whose view; null lets the server choose
   * @returns {Promise<import("./types.js").State>}
   */
  state(user) {
    return request(`/chat/state${user ? `?user=${encodeURIComponent(user)}` : ""}`);
  }

  sendMessage(channelId, content, files) {
    return post("/chat/messages", form({ user: this.user, channel_id: channelId, content },
      files.map((file, index) => [`files[${index}]`, file])));
  }

  /** @param {Map<string, File>} files by option name */
  command(body, files = new Map()) {
    return post("/chat/command", form({ user: this.user, ...body }, [...files]));
  }

  async autocomplete(body, signal) {
    const answer = await post("/chat/autocomplete", { user: this.user, ...body }, signal);
    return answer.choices ?? [];
  }

  component(body) {
    return post("/chat/component", { user: this.user, ...body });
  }

  modal(body) {
    return post("/chat/modal", { user: this.user, ...body });
  }

  socketUrl() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    return `${scheme}//${location.host}/chat/ws?user=${encodeURIComponent(this.user)}`;
  }
}

function form(payload, files) {
  const data = new FormData();
  data.append("payload_json", JSON.stringify(payload));
  for (const [name, file] of files) data.append(name, file, file.name);
  return data;
}

function post(path, body, signal) {
  const isForm = body instanceof FormData;
  return request(path, {
    method: "POST", signal, body: isForm ? body : JSON.stringify(body),
    headers: isForm ? {} : { "Content-Type": "application/json" },
  });
}

async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("Cannot reach the try-it server. Is it still running?", 0);
  }
  const text = await response.text();
  let body = {};
  try {
    body = text ? JSON.parse(text) : {};
  } catch {
    body = { message: text };
  }
  if (!response.ok) throw new ApiError(body.message || body.error || `The server answered ${response.status}.`, response.status);
  return body;
}
