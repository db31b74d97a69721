import { Away, freshKey, Refused } from "./api.js";

// Promise to the listener: what was answered is kept in this browser before it is sent, and until the server has
// acknowledged it. Each letter carries a key, so that the server counts it once however often it is sent.

const firstPauseMs = 500;
const longestPauseMs = 15000;

/**
 * @typedef {{key: string, path: string, body: object}} Letter
 * @typedef {"saved" | "saving" | "away" | "refused"} OutboxState
 */

/** Sends letters in the order they were put in. Fires `change` (its state) and `delivered` (detail: letter, answer). */
export class Outbox extends EventTarget {
  #storage;
  #name;
  #send;
  #wait = null;
  #failures = 0;
  #running = false;
  /** @type {OutboxState} */
  state = "saved";

  /**
   * @param {object} parts
   * @param {string} parts.name where the letters are kept
   * @param {import("./storage.js").Storage} parts.storage
   * @param {(path: string, body: object) => Promise<any>} parts.send
   */
  constructor({ name, storage, send }) {
    super();
    this.#name = name;
    this.#storage = storage;
    this.#send = send;
    this.#set(this.pending.length > 0 ? "saving" : "saved");
  }

  /** @returns {Letter[]} what the server has not acknowledged yet, oldest first */
  get pending() {
    return this.#storage.read(this.#name) ?? [];
  }

  /**
   * Keeps a letter, then begins to send.
   * @param {string} path
   * @param {object} body without its key
   * @returns {string} the letter's key
   */
  put(path, body) {
    const key = freshKey();
    this.#storage.write(this.#name, [...this.pending, { key, path, body: { key, ...body } }]);
    this.#set(this.state === "away" ? "away" : "saving");
    this.flush();
    return key;
  }

  /** Sends now what is pending, without waiting for the next try. */
  flush() {
    clearTimeout(this.#wait);
    this.#wait = null;
    if (!this.#running) this.#run();
  }

  /** Resolves when nothing is pending any more. @returns {Promise<void>} */
  settled() {
    return new Promise((resolve) => {
      const look = () => {
        if (this.pending.length > 0) return;
        this.removeEventListener("change", look);
        resolve();
      };
      this.addEventListener("change", look);
      look();
    });
  }

  /** Stops sending; what is pending stays kept. */
  close() {
    clearTimeout(this.#wait);
    this.#running = true;
  }

  async #run() {
    this.#running = true;
    for (let letter = this.pending[0]; letter; letter = this.pending[0]) {
      let answer;
      try {
        answer = await this.#send(letter.path, letter.body);
      } catch (error) {
        if (error instanceof Refused && error.code === "already_answered") {
          answer = null; // Another tab or an earlier visit has saved this step.
        } else {
          this.#running = false;
          this.#later(error);
          return;
        }
      }
      this.#failures = 0;
      this.#storage.write(this.#name, this.pending.filter((other) => other.key !== letter.key));
      this.dispatchEvent(new CustomEvent("delivered", { detail: { letter, answer } }));
    }
    this.#storage.remove(this.#name);
    this.#running = false;
    this.#set("saved");
  }

  #later(error) {
    this.#failures += 1;
    if (error instanceof Away) {
      this.#set("away");
    } else {
      this.refusal = error;
      this.#set("refused");
    }
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#failures - 1));
    this.#wait = setTimeout(() => this.flush(), pause * (0.75 + Math.random() / 2));
  }

  #set(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent("change", { detail: state }));
  }
}
