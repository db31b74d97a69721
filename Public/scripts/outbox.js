import { freshKey, Refused } from "./api.js";

// The promise to listeners: an answer is stored in this browser before it is sent, and until the server has
// acknowledged it. Each submission carries a key, so that the server counts it only once, however often it is sent. A
// submission that the server refuses blocks nothing: it is set aside in this browser and reported to the server unchanged,
// and the next submission is sent.

const firstPauseMs = 500;
const longestPauseMs = 15000;

/**
 * `about` marks the report on a refused submission; it is that submission's key.
 * @typedef {{key: string, path: Server.SubmissionPath, body: Server.Answer | Server.Events | Server.Refused, about?: string}} Submission
 * `reported`: whether the server has received it too, as refused.
 * @typedef {Submission & {refusal: {status: number, code: string}, reported: boolean}} Aside
 * @typedef {"saved" | "saving" | "away"} OutboxState
 * @typedef {{change: OutboxState, delivered: {submission: Submission, answer: Server.Saved}, refused: {submission: Submission, error: Refused}}} Fired
 */

/**
 * Sends submissions in the order in which they were added, and fires events about them. Submissions are also held in memory:
 * even if the browser stores nothing, or is told to forget, nothing is lost while the page stays open.
 */
export class Outbox extends /** @type {new () => Emitter<Fired>} */ (EventTarget) {
  #storage;
  #name;
  #send;
  #reportPath;
  /** @type {Submission[]} */
  #pending = [];
  /** @type {Aside[]} */
  #aside = [];
  /**
   * The keys of all submissions that were ever held here. Other stored ones come from another tab.
   * @type {Set<string>}
   */
  #known = new Set();
  /** The keys of submissions that were retried since the page was opened. */
  #triedAgain = new Set();
  #wait = 0;
  #failures = 0;
  #running = false;
  #closed = false;
  /** @type {OutboxState} */
  state = "saved";
  /** Whether the browser has stored all pending submissions. */
  kept = true;

  /**
   * @param {object} parts
   * @param {string} parts.name where the submissions are stored; refused ones are stored in `NAME/refused`
   * @param {Server.SubmissionPath} parts.reportPath where to report refusals to the server
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
    this.#takeBack((submission) => submission.refusal.code !== "already_answered"); // The server may have been fixed meanwhile.
    this.#set(this.#pending.length > 0 ? "saving" : "saved");
  }

  /** @returns {Submission[]} submissions that the server has not acknowledged yet, oldest first */
  get pending() {
    this.#adopt();
    return [...this.#pending];
  }

  /** @returns {Aside[]} submissions that the server refused */
  get aside() {
    return [...this.#aside];
  }

  /**
   * Stores a submission, then starts to send.
   * @param {Server.SubmissionPath} path
   * @param {Omit<Server.Answer, "key"> | Omit<Server.Events, "key">} body
   * @returns {string} the submission's key
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

  /** Sends all pending submissions now, without waiting for the next retry. */
  flush() {
    clearTimeout(this.#wait);
    this.#wait = 0;
    if (!this.#running && !this.#closed) this.#run();
  }

  /**
   * Retries submissions that were refused and could not even be reported to the server: something in between may have
   * refused them.
   * @returns {boolean} whether there is anything to retry
   */
  retry() {
    const found = this.#tryAgain();
    if (found) this.flush();
    return found;
  }

  /**
   * Resolves when no submissions are pending any more.
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

  /** Stops sending. Pending submissions stay stored. */
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
    for (let submission = this.pending[0]; submission && !this.#closed; submission = this.pending[0]) {
      this.#keep(); // Store again, since the browser may have been told to forget.
      try {
        const answer = await this.#send(submission.path, submission.body);
        this.#delivered(submission, answer);
      } catch (error) {
        if (error instanceof Refused) {
          this.#refused(submission, error);
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

  /** @param {Submission} submission @param {Server.Saved} answer */
  #delivered(submission, answer) {
    this.#pending = this.#pending.filter((other) => other.key !== submission.key);
    const told = this.#aside.find((other) => other.key === submission.about);
    if (told) told.reported = true;
    this.#keep();
    this.dispatchEvent(new CustomEvent("delivered", { detail: { submission, answer } }));
  }

  /** @param {Submission} submission @param {Refused} error */
  #refused(submission, error) {
    // Something in between may have refused an earlier submission, which the server does not know about.
    if (error.code === "out_of_order" && this.#tryAgain()) return;
    this.#pending = this.#pending.filter((other) => other.key !== submission.key);
    if (!submission.about) {
      const refusal = { status: error.status, code: error.code };
      const { step, trial, number } = submission.body;
      this.#aside.push({ ...submission, refusal, reported: false });
      const report = freshKey();
      this.#known.add(report);
      // Goes first: the next step may be answered only once the server knows that this one was skipped.
      this.#pending.unshift({
        key: report, path: this.#reportPath, about: submission.key,
        body: { key: submission.key, step, trial, number, ...refusal, body: JSON.stringify(submission.body) },
      });
    }
    this.#keep();
    if (!submission.about) this.dispatchEvent(new CustomEvent("refused", { detail: { submission, error } }));
  }

  /** Takes back submissions that could not even be reported, each of them once. @returns {boolean} whether there were any */
  #tryAgain() {
    return this.#takeBack((submission) => {
      if (submission.reported || this.#triedAgain.has(submission.key)) return false;
      this.#triedAgain.add(submission.key);
      return true;
    });
  }

  /**
   * Moves submissions that were set aside back to the front of the queue.
   * @param {(submission: Aside) => boolean} wanted
   * @returns {boolean} whether there were any
   */
  #takeBack(wanted) {
    const back = this.#aside.filter(wanted);
    if (back.length === 0) return false;
    for (const { key } of back) this.#known.add(key);
    this.#aside = this.#aside.filter((submission) => !back.includes(submission));
    this.#pending.unshift(...back.map(({ key, path, body }) => ({ key, path, body })));
    this.#keep();
    return true;
  }

  /** Adopts submissions that another tab has stored. */
  #adopt() {
    for (const submission of /** @type {Submission[]} */ (this.#storage.read(this.#name) ?? [])) {
      if (this.#known.has(submission.key)) continue;
      this.#known.add(submission.key);
      this.#pending.push(submission);
    }
  }

  #keep() {
    /** @param {string} name @param {Submission[]} some */
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
