// The log of what happened on the page: plays, stops, touches of a scale, coming and going. It travels in batches,
// behind the responses, and is kept until acknowledged like them.

const batchMs = 4000;
const largestBatch = 200;

export class EventLog {
  #waiting = [];
  #timer = null;
  #outbox;
  #path;
  #startedAt;

  /**
   * @param {object} parts
   * @param {import("./outbox.js").Outbox} parts.outbox
   * @param {string} parts.path
   * @param {number} parts.startedAt when the session began, in ms of `Date.now()`
   */
  constructor({ outbox, path, startedAt }) {
    this.#outbox = outbox;
    this.#path = path;
    this.#startedAt = startedAt;
  }

  /**
   * @param {"play" | "stop" | "rate" | "focus" | "blur" | "visible" | "hidden" | "reconnect" | "error"} kind
   * @param {{trial?: number | null, stimulus?: string | null, value?: number | string | null}} [what]
   */
  note(kind, { trial = null, stimulus = null, value = null } = {}) {
    const at = Math.max(0, Math.round(performance.timeOrigin + performance.now() - this.#startedAt));
    this.#waiting.push({ at_ms: at, kind, trial, stimulus, value });
    if (this.#waiting.length >= largestBatch) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), batchMs);
  }

  /** Hands what was noted to the outbox. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting.length > 0) this.#outbox.put(this.#path, { events: this.#waiting.splice(0) });
  }
}
