/**
 * The live connection: events from the emulator, with automatic reconnection.
 */

const FIRST_WAIT = 500; // ms; doubled at each failure
const LONGEST_WAIT = 10000;

export class LiveSocket {
  /**
   * @param {() => Promise<string>} address the URL, requested at each attempt; rejects if there is none
   * @param {{onEvent: (event: import("./types.js").LiveEvent) => void, onOpen: () => void,
   *          onLost: (error: Error|null) => void}} handlers `onLost` receives the rejection's reason, if any
   */
  constructor(address, handlers) {
    this.address = address;
    this.handlers = handlers;
    this.failures = 0;
    this.closed = false;
    this.retryNow = () => {
      if (this.timer) this.connect();
    };
    window.addEventListener("online", this.retryNow);
  }

  async connect() {
    clearTimeout(this.timer);
    this.timer = null;
    let address;
    try {
      address = await this.address();
    } catch (error) {
      this.lost(error);
      return;
    }
    if (this.closed) return;
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.failures = 0;
      this.handlers.onOpen();
    });
    socket.addEventListener("message", (message) => {
      if (socket === this.socket) this.handlers.onEvent(JSON.parse(message.data));
    });
    socket.addEventListener("close", () => {
      if (socket === this.socket) this.lost(null);
    });
  }

  /** Retry with exponential backoff. */
  lost(error) {
    if (this.closed) return;
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.failures) * (0.8 + Math.random() * 0.4);
    this.failures += 1;
    this.timer = setTimeout(() => this.connect(), wait);
    this.handlers.onLost(error);
  }

  /** Close permanently. */
  close() {
    this.closed = true;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.retryNow);
    this.socket?.close();
  }
}
