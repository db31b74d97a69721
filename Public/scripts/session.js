import { address, freshKey, get, post, Refused, root } from "./api.js";
import { EventLog } from "./events.js";
import { Outbox } from "./outbox.js";

// One sitting of one listener: joining, finding it again after a reload, and what is done so far as this browser knows it
// (the server's word together with what still waits in the outbox).

/**
 * Joins the study. The key is kept until the server has answered, so that a lost answer does not join twice.
 * @param {import("./storage.js").Storage} storage
 * @param {{language: string, consent: boolean, parameters: [string, string][]}} who
 * @returns {Promise<string>} the session's token
 */
export async function join(storage, who) {
  const pending = storage.read("joining") ?? { key: freshKey() };
  storage.write("joining", pending);
  const { token } = await post("/api/sessions", { key: pending.key, ...who });
  storage.write("token", token);
  storage.write("link", JSON.stringify(who.parameters));
  storage.remove("joining");
  return token;
}

/** What becomes of a letter. */
const outcomes = /** @type {const} */ (["delivered", "refused"]);
/** Refusals behind which nothing of a session is taken any more. */
const ends = ["study_changed", "unknown_token", "screened_out", "withdrawn"];

/** @returns {string | null} the token that the page's address names */
export function tokenInAddress({ pathname } = location) {
  return pathname.startsWith(root.pathname) ? pathname.slice(root.pathname.length).match(/^t\/([^/]+)\/?$/)?.[1] ?? null : null;
}

/** The server names sounds from the study's root: here they become whole addresses, wherever they stand in `told`.
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
   * @param {Server.Session} told what `GET /api/sessions/TOKEN` answered
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
     * Rejects with the server's refusal once nothing more of this session is taken.
     * @type {Promise<never>}
     */
    this.over = new Promise((_, reject) => { this.#end = reject; });
    this.over.catch(() => this.log.close()); // The listener is told by whoever waits for it.
    for (const one of this.outboxes) one.addEventListener("refused", ({ detail }) => this.#look(detail.error));
    this.responses.addEventListener("refused", ({ detail }) => {
      if (detail.error.code === "already_answered") this.confirm(); // Another browser is further on.
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

  /** @param {Server.Part} part @returns {boolean} whether it is answered, here or at the server */
  isDone({ step, number }) {
    const { pending, aside } = this.responses;
    const waiting = [...pending, ...aside].some(({ body }) => body.step === step && (body.trial ?? body.number ?? 0) === number);
    if (waiting) return true;
    if (step === "trial") return this.#done.trials.some((one) => one === number);
    if (number === 0 && step !== "break") return this.#done[step];
    return this.#done.further.some((one) => one.step === step && one.number === number);
  }

  /**
   * Keeps an answer and sends it.
   * @param {Omit<Server.Answer, "key">} body
   * @returns {Promise<Server.Saved | null>} the server's answer, once it has acknowledged it; null where it has refused it
   */
  answer(body) {
    const key = this.responses.put(this.#path, body);
    this.storage.remove(this.#draftName(body.step, body.trial ?? body.number));
    return new Promise((resolve) => {
      /** @param {CustomEvent<{letter: import("./outbox.js").Letter, answer?: Server.Saved}>} event */
      const look = ({ detail }) => {
        if (detail.letter.key !== key) return;
        for (const kind of outcomes) this.responses.removeEventListener(kind, look);
        resolve(detail.answer ?? null);
      };
      for (const kind of outcomes) this.responses.addEventListener(kind, look);
    });
  }

  /**
   * What was begun on a page and not answered yet.
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

  /** The server's word once more: needed for the finish when its last answer was lost. @throws {Away | Refused} */
  async refresh() {
    const told = await get(`/api/sessions/${this.token}`);
    this.#done = told.done;
    this.finish = told.finish;
    this.state = told.state;
  }

  /**
   * Ends it before its last step, as the listener wants it.
   * @param {boolean} forgets whether all that was answered is deleted, here as well
   * @throws {Away | Refused}
   */
  async withdraw(forgets) {
    this.finish = await post(`/api/sessions/${this.token}/withdraw`, { delete: forgets });
    this.state = this.finish.outcome ? "ended" : "finished";
    if (forgets) {
      for (const box of this.outboxes) box.forget();
      for (const { step, number } of this.parts) this.storage.remove(this.#draftName(step, number));
    }
    this.#end(new Refused(403, { code: "withdrawn" }));
  }

  /** Asks whether the session goes on, when something of it did not arrive. That the network is away says nothing. */
  async confirm() {
    try {
      await this.refresh();
      if (this.state === "ended") this.#end(new Refused(409, { code: "study_changed" }));
    } catch (error) {
      this.#look(error);
    }
  }

  /** @param {unknown} error */
  #look(error) {
    if (error instanceof Refused && ends.includes(error.code)) this.#end(error);
  }
}
