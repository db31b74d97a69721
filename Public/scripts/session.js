import { freshKey, get, post } from "./api.js";
import { EventLog } from "./events.js";
import { Outbox } from "./outbox.js";

// One sitting of one listener: joining, finding it again after a reload, and what is done so far as this browser knows it
// (the server's word together with what still waits in the outbox).

/**
 * Joins the study. The key is kept until the server has answered, so that a lost answer does not join twice.
 * @param {import("./storage.js").Storage} storage
 * @param {{language: string, consent: boolean, recruited_from: string | null, external_id: string | null}} who
 * @returns {Promise<string>} the session's token
 */
export async function join(storage, who) {
  const pending = storage.read("joining") ?? { key: freshKey() };
  storage.write("joining", pending);
  const { token } = await post("/api/sessions", { key: pending.key, ...who });
  storage.write("token", token);
  storage.write(`${token}/began`, Date.now());
  storage.remove("joining");
  return token;
}

/** @returns {string | null} the token that the page's address names */
export function tokenInAddress(address = location) {
  return address.pathname.match(/^\/t\/([^/]+)\/?$/)?.[1] ?? null;
}

export class Session {
  /**
   * @param {string} token
   * @param {any} told what `GET /api/sessions/TOKEN` answered
   * @param {import("./storage.js").Storage} storage
   */
  constructor(token, told, storage) {
    this.token = token;
    this.study = told.study;
    this.state = told.state;
    this.trials = told.trials;
    this.finish = told.finish;
    this.storage = storage;
    this.#done = told.done;
    const base = `/api/sessions/${token}`;
    this.#path = `${base}/responses`;
    const began = storage.read(`${token}/began`) ?? Date.now();
    storage.write(`${token}/began`, began);
    this.responses = new Outbox({ name: `${token}/responses`, storage, send: post });
    this.responses.addEventListener("delivered", ({ detail }) => {
      if (detail.answer?.done) this.#done = detail.answer.done;
      if (detail.answer?.finish) this.finish = detail.answer.finish;
    });
    const log = new Outbox({ name: `${token}/events`, storage, send: post });
    this.log = new EventLog({ outbox: log, path: `${base}/events`, startedAt: began });
    this.letters = [this.responses, log];
  }

  #done;
  #path;

  /** @param {string} token @param {import("./storage.js").Storage} storage @returns {Promise<Session>} */
  static async open(token, storage) {
    return new Session(token, await get(`/api/sessions/${token}`), storage);
  }

  /** @param {string} step @param {number} [trial] @returns {boolean} whether it is answered, here or at the server */
  isDone(step, trial) {
    const waiting = this.responses.pending.some(({ body }) => body.step === step && body.trial === trial);
    return waiting || (step === "trial" ? this.#done.trials.includes(trial) : this.#done[step] === true);
  }

  /**
   * Keeps an answer and sends it.
   * @param {{step: string, trial?: number}} body
   * @returns {Promise<any>} the server's answer, once it has acknowledged it; null where it knew the step already
   */
  answer(body) {
    const key = this.responses.put(this.#path, body);
    this.storage.remove(this.#draftName(body.step, body.trial));
    return new Promise((resolve) => {
      const look = ({ detail }) => {
        if (detail.letter.key !== key) return;
        this.responses.removeEventListener("delivered", look);
        resolve(detail.answer);
      };
      this.responses.addEventListener("delivered", look);
    });
  }

  /** What was begun on a page and not answered yet. @param {string} step @param {number} [trial] */
  draft(step, trial) {
    const name = this.#draftName(step, trial);
    return { answers: this.storage.read(name) ?? {}, keep: (answers) => this.storage.write(name, answers) };
  }

  #draftName(step, trial) {
    return `${this.token}/draft/${step}${trial ?? ""}`;
  }

  /** The server's word once more: needed for the finish when its last answer was lost. */
  async refresh() {
    const told = await get(`/api/sessions/${this.token}`);
    this.#done = told.done;
    this.finish = told.finish;
  }
}
