import { address, Away, freshKey, get, post, Refused, root } from "./api.js";
import { EventLog } from "./events.js";
import { Outbox } from "./outbox.js";

// One sitting of one listener: joining, resuming after a reload, and what has been done as far as this browser knows
// (from the server, and from what still waits in the outbox).

/**
 * Joins the study. The key is kept until the server has answered, so that a lost response does not lead to joining
 * twice. It serves only the link that it was made for, because devices may be shared.
 * @param {import("./storage.js").Storage} storage
 * @param {{language: string, consent: boolean, parameters: [string, string][]}} who
 * @returns {Promise<string>} the session's token
 */
export async function join(storage, who) {
  const link = JSON.stringify(who.parameters);
  const kept = storage.read("joining");
  const pending = kept?.link === link ? kept : { key: freshKey(), link };
  storage.write("joining", pending);
  const { token } = await post("/api/sessions", { key: pending.key, ...who });
  storage.write("token", token);
  storage.write("link", link);
  storage.remove("joining");
  return token;
}

/** The final events of a letter. */
const outcomes = /** @type {const} */ (["delivered", "refused"]);
/** Refusals after which the server accepts nothing more in this session. */
const ends = ["study_changed", "unknown_token", "screened_out", "withdrawn"];

/** @returns {string | null} the token in the page's URL */
export function tokenInAddress({ pathname } = location) {
  return pathname.startsWith(root.pathname) ? pathname.slice(root.pathname.length).match(/^t\/([^/]+)\/?$/)?.[1] ?? null : null;
}

/**
 * Turns the server's sound paths, which are relative to the study's root, into whole URLs, wherever they occur in
 * `told`.
 * @template T
 * @param {T} told @param {string} token
 * @returns {T}
 */
function placed(told, token) {
  const sounds = `/t/${token}/`;
  return JSON.parse(JSON.stringify(told), (_, value) => (typeof value === "string" && value.startsWith(sounds) ? address(value) : value));
}

export class Session {
  /**
   * @param {string} token
   * @param {Server.Session} told the response to `GET /api/sessions/TOKEN`
   * @param {import("./storage.js").Storage} storage
   */
  constructor(token, told, storage) {
    this.token = token;
    this.study = told.study;
    this.state = told.state;
    this.trials = told.trials;
    this.blocks = told.blocks;
    this.parts = told.parts;
    this.finish = told.finish;
    this.preview = told.preview;
    this.storage = storage;
    this.#done = told.done;
    this.#path = /** @type {const} */ (`/api/sessions/${token}/responses`);
    const opened = performance.now();
    /** @param {string} name */
    const box = (name) => new Outbox({ name: `${token}/${name}`, reportPath: `/api/sessions/${token}/refused`, storage, send: post });
    this.responses = box("responses");
    this.responses.addEventListener("delivered", ({ detail }) => {
      if (detail.answer?.done) this.#done = detail.answer.done;
      if (detail.answer?.finish) this.finish = detail.answer.finish;
    });
    const log = box("events");
    this.log = new EventLog({ outbox: log, path: `/api/sessions/${token}/events`, elapsed: () => told.elapsed_ms + performance.now() - opened });
    this.outboxes = [this.responses, log];
    /**
     * Rejects with the server's refusal once the server accepts nothing more in this session.
     * @type {Promise<never>}
     */
    this.over = new Promise((_, reject) => { this.#end = reject; });
    this.over.catch(() => this.log.close()); // Whoever awaits it tells the listener.
    for (const one of this.outboxes) one.addEventListener("refused", ({ detail }) => this.#look(detail.error));
    if (told.finish?.outcome === "withdrawn") this.#forget();
    this.responses.addEventListener("refused", ({ detail }) => {
      if (detail.error.code === "already_answered") this.confirm(); // Another browser is further ahead.
    });
  }

  #done;
  #path;
  /** @type {(refusal: Refused) => void} */
  #end = () => {};

  /** @param {string} token @param {import("./storage.js").Storage} storage @returns {Promise<Session>} */
  static async open(token, storage) {
    return new Session(token, placed(await get(`/api/sessions/${token}`), token), storage);
  }

  /** @param {Server.Part} part @returns {boolean} whether it was answered, here or on the server */
  isDone({ step, number }) {
    const { pending, aside } = this.responses;
    const waiting = [...pending, ...aside].some(({ body }) => body.step === step && (body.trial ?? body.number ?? 0) === number);
    if (waiting) return true;
    if (step === "trial") return this.#done.trials.some((one) => one === number);
    if (number === 0 && step !== "break") return this.#done[step];
    return this.#done.further.some((one) => one.step === step && one.number === number);
  }

  /**
   * Stores an answer and sends it.
   * @param {Omit<Server.Answer, "key">} body
   * @returns {Promise<Server.Saved | null>} the server's acknowledgement; null if it refused the answer
   */
  answer(body) {
    const key = this.responses.put(this.#path, body);
    this.storage.remove(this.#draftName(body.step, body.trial ?? body.number));
    return new Promise((resolve) => {
      /** @param {CustomEvent<{submission: import("./outbox.js").Submission, answer?: Server.Saved}>} event */
      const look = ({ detail }) => {
        if (detail.submission.key !== key) return;
        for (const kind of outcomes) this.responses.removeEventListener(kind, look);
        resolve(detail.answer ?? null);
      };
      for (const kind of outcomes) this.responses.addEventListener(kind, look);
    });
  }

  /**
   * The unfinished input on a page.
   * @param {Server.Part} part
   * @returns {{answers: any, keep: (answers: object) => void}}
   */
  draft({ step, number }) {
    const name = this.#draftName(step, number);
    return { answers: this.storage.read(name) ?? {}, keep: (answers) => this.storage.write(name, answers) };
  }

  /** @param {Server.Part["step"]} step @param {number} [number] */
  #draftName(step, number) {
    return `${this.token}/draft/${step}${number || ""}`;
  }

  /** Fetches the session again, for example for the finish when the last response was lost. @throws {Away | Refused} */
  async refresh() {
    const told = await get(`/api/sessions/${this.token}`);
    this.#done = told.done;
    this.finish = told.finish;
    this.state = told.state;
  }

  /**
   * Whether all answers are to be deleted, while the listener has stopped and the server does not know yet; otherwise null.
   * @type {boolean | null}
   */
  get leaving() {
    return this.storage.read(this.#leavingName)?.forgets ?? null;
  }

  set leaving(forgets) {
    if (forgets === null) this.storage.remove(this.#leavingName);
    else this.storage.write(this.#leavingName, { forgets });
  }

  get #leavingName() {
    return `${this.token}/leaving`;
  }

  /**
   * Ends the session before its last step, at the listener's request, which is kept in `leaving` until the server knows it.
   * @param {boolean} forgets whether all answers are deleted. If not, those that wait here are sent first.
   * @throws {Away | Refused} unless the session is over in another way
   */
  async withdraw(forgets) {
    try {
      if (!forgets) await this.#deliver();
      this.finish = await post(`/api/sessions/${this.token}/withdraw`, { delete: forgets });
      this.state = this.finish.outcome ? "ended" : "finished";
      this.leaving = null;
      this.#look(new Refused(403, { code: "withdrawn" }));
    } catch (error) {
      if (error instanceof Refused) this.leaving = null;
      if (!this.#look(error)) throw error;
    }
  }

  /** Sends everything that waits. @returns {Promise<void>} @throws {Away} */
  async #deliver() {
    this.log.flush();
    const away = new Promise((_, reject) => {
      for (const box of this.outboxes) {
        box.addEventListener("change", ({ detail }) => { if (detail === "away") reject(new Away("answers are still waiting", {})); });
        box.flush();
      }
    });
    await Promise.race([away, Promise.all(this.outboxes.map((box) => box.settled()))]);
  }

  /** Deletes everything of this session that is stored in this browser. */
  #forget() {
    for (const box of this.outboxes) box.forget();
    for (const { step, number } of this.parts) this.storage.remove(this.#draftName(step, number));
  }

  /** Checks whether the session continues after something could not be delivered. A missing network does not count. */
  async confirm() {
    try {
      await this.refresh();
      if (this.state === "ended") this.#end(new Refused(409, { code: "study_changed" }));
    } catch (error) {
      this.#look(error);
    }
  }

  /** @param {unknown} error @returns {boolean} whether it ends the session */
  #look(error) {
    if (!(error instanceof Refused && ends.includes(error.code))) return false;
    // The listener, perhaps in another browser, has said what becomes of the answers. No more are accepted.
    if (error.code === "withdrawn") this.#forget();
    this.#end(error);
    return true;
  }
}
