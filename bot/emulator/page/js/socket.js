/**
 * The live connection: events from the emulator, and coming back by itself after a break.
 */

const FIRST_WAIT = 500; // ms; doubled at each failure
const LONGEST_WAIT = 10000;

export class LiveSocket {
  /**
   * @param {() => string} address where to connect, asked at each attempt
   * @param {{onEvent: (event: import("./types.js").LiveEvent) => void, onOpen: () => void,
   *          onLost: (wait: number) => void}} handlers `onLost` gets the time (ms) until the next attempt
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

  connect() {
    clearTimeout(this.timer);
    this.timer = null;
    const socket = new WebSocket(this.address());
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.failures = 0;
      this.handlers.onOpen();
    });
    socket.addEventListener("message", (message) => {
      if (socket === this.socket) this.handlers.onEvent(JSON.parse(message.data));
    });
    socket.addEventListener("close", () => {
      if (this.closed || socket !== this.socket) return;
      const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.failures) * (0.8 + Math.random() * 0.4);
      this.failures += 1;
      this.timer = setTimeout(() => this.connect(), wait);
      this.handlers.onLost(wait);
    });
  }

  /** Close for good. */
  close() {
    this.closed = true;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.retryNow);
    this.socket?.close();
  }
}
