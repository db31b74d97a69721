import { freshKey, Refused } from "./api.js";

// The promise to listeners: an answer is stored in this browser before it is sent, and until the server has
// acknowledged it. Each letter carries a key, so that the server counts it only once, however often it is sent. A
// letter that the server refuses blocks nothing: it is set aside in this browser and reported to the server unchanged,
// and the next letter is sent.

const firstPauseMs = 500;
const longestPauseMs = 15000;

/**
 * `about` marks the report on a refused letter; it is that letter's key.
 * @typedef {{key: string, path: Server.LetterPath, body: Server.Answer | Server.Events | Server.Refused, about?: string}} Letter
 * `reported`: whether the server has received it too, as refused.
 * @typedef {Letter & {refusal: {status: number, code: string}, reported: boolean}} Aside
 * @typedef {"saved" | "saving" | "away"} OutboxState
 * @typedef {{change: OutboxState, delivered: {letter: Letter, answer: Server.Saved}, refused: {letter: Letter, error: Refused}}} Fired
 */

/**
 * Sends letters in the order in which they were added, and fires events about them. Letters are also held in memory:
 * even if the browser stores nothing, or is told to forget, nothing is lost while the page stays open.
 */
export class Outbox extends /** @type {new () => Emitter<Fired>} */ (EventTarget) {
  #storage;
  #name;
  #send;
  #reportPath;
  /** @type {Letter[]} */
  #pending = [];
  /** @type {Aside[]} */
  #aside = [];
  /**
   * The keys of all letters that were ever held here. Other stored ones come from another tab.
   * @type {Set<string>}
   */
  #known = new Set();
  /** The keys of letters that were retried since the page was opened. */
  #triedAgain = new Set();
  #wait = 0;
  #failures = 0;
  #running = false;
  #closed = false;
  /** @type {OutboxState} */
  state = "saved";
  /** Whether the browser has stored all pending letters. */
  kept = true;

  /**
   * @param {object} parts
   * @param {string} parts.name where the letters are stored; refused ones are stored in `NAME/refused`
   * @param {Server.LetterPath} parts.reportPath where to report refusals to the server
   * @param {import("./storage.js").Storage} parts.storage
   * @param {Server.Post} parts.send
   */
  constructor({ name, reportPath, storage, send }) {
    super();
    this.#name = name;
    this.#reportPath = reportPath;
    this.#storage = storage;
    this.#send = send;
    this.#adopt();
    this.#aside = storage.read(`${name}/refused`) ?? [];
    this.#takeBack((letter) => letter.refusal.code !== "already_answered"); // The server may have been fixed meanwhile.
    this.#set(this.#pending.length > 0 ? "saving" : "saved");
  }

  /** @returns {Letter[]} letters that the server has not acknowledged yet, oldest first */
  get pending() {
    this.#adopt();
    return [...this.#pending];
  }

  /** @returns {Aside[]} letters that the server refused */
  get aside() {
    return [...this.#aside];
  }

  /**
   * Stores a letter, then starts to send.
   * @param {Server.LetterPath} path
   * @param {Omit<Server.Answer, "key"> | Omit<Server.Events, "key">} body
   * @returns {string} the letter's key
   */
  put(path, body) {
    const key = freshKey();
    this.#adopt();
    this.#known.add(key);
    this.#pending.push({ key, path, body: { key, ...body } });
    this.#keep();
    this.#set(this.state === "away" ? "away" : "saving");
    this.flush();
    return key;
  }

  /** Sends all pending letters now, without waiting for the next retry. */
  flush() {
    clearTimeout(this.#wait);
    this.#wait = 0;
    if (!this.#running && !this.#closed) this.#run();
  }

  /**
   * Retries letters that were refused and could not even be reported to the server: something in between may have
   * refused them.
   * @returns {boolean} whether there is anything to retry
   */
  retry() {
    const found = this.#tryAgain();
    if (found) this.flush();
    return found;
  }

  /**
   * Resolves when no letters are pending any more.
   * @returns {Promise<void>}
   */
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

  /** Stops sending. Pending letters stay stored. */
  close() {
    clearTimeout(this.#wait);
    this.#closed = true;
  }

  /** Stops sending and deletes everything stored. */
  forget() {
    this.close();
    [this.#pending, this.#aside] = [[], []];
    this.#keep();
  }

  async #run() {
    this.#running = true;
    for (let letter = this.pending[0]; letter && !this.#closed; letter = this.pending[0]) {
      this.#keep(); // Store again, since the browser may have been told to forget.
      try {
        const answer = await this.#send(letter.path, letter.body);
        this.#delivered(letter, answer);
      } catch (error) {
        if (error instanceof Refused) {
          this.#refused(letter, error);
        } else {
          this.#running = false;
          this.#later();
          return;
        }
      }
      this.#failures = 0;
    }
    this.#running = false;
    if (!this.#closed) this.#set("saved");
  }

  /** @param {Letter} letter @param {Server.Saved} answer */
  #delivered(letter, answer) {
    this.#pending = this.#pending.filter((other) => other.key !== letter.key);
    const told = this.#aside.find((other) => other.key === letter.about);
    if (told) told.reported = true;
    this.#keep();
    this.dispatchEvent(new CustomEvent("delivered", { detail: { letter, answer } }));
  }

  /** @param {Letter} letter @param {Refused} error */
  #refused(letter, error) {
    // Something in between may have refused an earlier letter, which the server does not know about.
    if (error.code === "out_of_order" && this.#tryAgain()) return;
    this.#pending = this.#pending.filter((other) => other.key !== letter.key);
    if (!letter.about) {
      const refusal = { status: error.status, code: error.code };
      const { step, trial, number } = letter.body;
      this.#aside.push({ ...letter, refusal, reported: false });
      const report = freshKey();
      this.#known.add(report);
      // Goes first: the next step may be answered only once the server knows that this one was skipped.
      this.#pending.unshift({
        key: report, path: this.#reportPath, about: letter.key,
        body: { key: letter.key, step, trial, number, ...refusal, body: JSON.stringify(letter.body) },
      });
    }
    this.#keep();
    if (!letter.about) this.dispatchEvent(new CustomEvent("refused", { detail: { letter, error } }));
  }

  /** Takes back letters that could not even be reported, each of them once. @returns {boolean} whether there were any */
  #tryAgain() {
    return this.#takeBack((letter) => {
      if (letter.reported || this.#triedAgain.has(letter.key)) return false;
      this.#triedAgain.add(letter.key);
      return true;
    });
  }

  /**
   * Moves letters that were set aside back to the front of the queue.
   * @param {(letter: Aside) => boolean} wanted
   * @returns {boolean} whether there were any
   */
  #takeBack(wanted) {
    const back = this.#aside.filter(wanted);
    if (back.length === 0) return false;
    for (const { key } of back) this.#known.add(key);
    this.#aside = this.#aside.filter((letter) => !back.includes(letter));
    this.#pending.unshift(...back.map(({ key, path, body }) => ({ key, path, body })));
    this.#keep();
    return true;
  }

  /** Adopts letters that another tab has stored. */
  #adopt() {
    for (const letter of /** @type {Letter[]} */ (this.#storage.read(this.#name) ?? [])) {
      if (this.#known.has(letter.key)) continue;
      this.#known.add(letter.key);
      this.#pending.push(letter);
    }
  }

  #keep() {
    /** @param {string} name @param {Letter[]} some */
    const store = (name, some) => {
      if (some.length > 0) return this.#storage.write(name, some);
      this.#storage.remove(name);
      return true;
    };
    const kept = [store(this.#name, this.#pending), store(`${this.#name}/refused`, this.#aside)];
    this.kept = kept.every(Boolean);
  }

  #later() {
    this.#failures += 1;
    this.#set("away");
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#failures - 1));
    this.#wait = setTimeout(() => this.flush(), pause * (0.75 + Math.random() / 2));
  }

  /** @param {OutboxState} state */
  #set(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent("change", { detail: state }));
  }
}
