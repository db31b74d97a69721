import { wholeMs } from "./timing.js";
import { plain } from "./words.js";

// The log of events on the page: starts and stops of playback, use of scales, leaving and returning. It is sent in
// batches, after the responses, and like them kept until it is acknowledged.

const batchMs = 4000;
const largestBatch = 200;

export class EventLog {
  /** @type {Server.Happening[]} */
  #waiting = [];
  #timer = 0;
  #outbox;
  #path;
  #elapsed;
  #closed = false;

  /**
   * @param {object} parts
   * @param {import("./outbox.js").Outbox} parts.outbox
   * @param {Server.SubmissionPath} parts.path
   * @param {() => number} parts.elapsed milliseconds since the session began, in whichever browser that was
   */
  constructor({ outbox, path, elapsed }) {
    this.#outbox = outbox;
    this.#path = path;
    this.#elapsed = elapsed;
  }

  /**
   * @param {Server.Happening["kind"]} kind
   * @param {Partial<Pick<Server.Happening, "trial" | "stimulus" | "value">>} what
   */
  note(kind, { trial = null, stimulus = null, value = null } = {}) {
    if (this.#closed) return;
    const told = typeof value === "string" ? plain(value.slice(0, 200)) : value;
    this.#waiting.push({ at_ms: wholeMs(this.#elapsed()), kind, trial, stimulus, value: told });
    if (this.#waiting.length >= largestBatch) this.flush();
    else this.#timer ||= setTimeout(() => this.flush(), batchMs);
  }

  /** Stops recording events. */
  close() {
    this.#closed = true;
  }

  /** Passes the recorded events to the outbox. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (this.#waiting.length > 0) this.#outbox.put(this.#path, { events: this.#waiting.splice(0) });
  }
}
