// Speaks the server's JSON. There are two kinds of failure: the server cannot be reached, or it says why it refuses.

/**
 * The server could not be reached, or asks to try again. `status` is the HTTP status, or 0 if there was no response.
 */
export class Away extends Error {
  /** @param {string} message @param {{status?: number, cause?: unknown}} how */
  constructor(message, how) {
    super(message, how);
    this.status = how.status ?? 0;
  }
}

/** The server understood the request and refuses it. `code` and `mend` come from the server. */
export class Refused extends Error {
  /** @param {number} status @param {Partial<Server.Refusal["error"]>} error */
  constructor(status, error) {
    super(error.message ?? `The server answered ${status}.`);
    this.status = status;
    this.code = error.code ?? "unknown";
    this.mend = error.mend ?? "";
  }
}

/**
 * The root URL of the study, which a reverse proxy may serve below a path of its own. This script is in
 * `assets/scripts` below it, or in `assets/EDITION/scripts`.
 */
export const root = new URL(import.meta.url.replace(/assets\/(?:at-[0-9a-f]+\/)?scripts\/[^/]*$/, ""));

/** @param {string} path as the server gives it, relative to the study's root @returns {string} the whole URL */
export function address(path) {
  return new URL(path.replace(/^\/+/, ""), root).href;
}

const patienceMs = 15000;
/**
 * In characters. Browsers refuse `keepalive` requests of more than 64 KiB, and letters outside ASCII take several
 * bytes.
 */
const largestKeptAlive = 15000;

/**
 * Runs a task that the network may delay forever, and gives up after a while, even in browsers that lack
 * `AbortSignal.timeout` or cannot abort at all.
 * @template T
 * @param {number} ms
 * @param {(signal: AbortSignal | undefined) => Promise<T>} task
 * @returns {Promise<T>}
 * @throws {Away} when it took too long
 */
export async function within(ms, task) {
  const control = typeof AbortController === "function" ? new AbortController() : null;
  let timer = 0;
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      reject(new Away("The server takes too long.", {}));
      control?.abort();
    }, ms);
  });
  try {
    return await Promise.race([task(control?.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 * @param {Map<string, string>} [tags] ETags of what is already known, by path; the response's is added
 * @returns {Promise<any>} the body of a 2xx response; null if it is already known
 * @throws {Away | Refused}
 */
async function ask(path, options = {}, tags = undefined) {
  let status = 0;
  let body;
  try {
    body = await within(patienceMs, async (signal) => {
      const response = await fetch(address(path), { cache: "no-store", signal, ...options });
      status = response.status;
      if (tags && status === 304) return null;
      tags?.set(path, response.headers.get("ETag") ?? "");
      return response.json();
    });
  } catch (cause) {
    if (status >= 300 && status < 500) throw new Refused(status, {});
    throw new Away("The server is out of reach.", { cause });
  }
  if (status >= 200 && status < 300 || body === null) return body;
  /** @type {Partial<Server.Refusal["error"]>} */
  const error = body?.error ?? {};
  if (status >= 500 || status === 408 || status === 429 || body?.retry) throw new Away(error.message ?? "The server is busy.", { status });
  throw new Refused(status, error);
}

/** @type {Server.Get} */
export const get = (path) => ask(path);

/**
 * Gets something that may not have changed.
 * @type {Server.GetIfNew}
 */
export const getIfNew = (path, tags) => {
  const known = tags.get(path);
  return ask(path, known ? { headers: { "If-None-Match": known } } : {}, tags);
};

/**
 * Posts, and lets the browser complete the request while the page closes.
 * @type {Server.Post}
 */
export const post = (path, body) => {
  const text = JSON.stringify(body);
  return ask(path, {
    method: "POST", keepalive: text.length < largestKeptAlive, headers: { "Content-Type": "application/json" }, body: text,
  });
};

/**
 * A random UUID, even on pages loaded over plain HTTP, where `crypto.randomUUID` is missing.
 * @returns {string}
 */
export function freshKey() {
  const bytes = new Uint8Array(16);
  if (globalThis.crypto?.getRandomValues) globalThis.crypto.getRandomValues(bytes);
  else bytes.forEach((_, i) => { bytes[i] = Math.floor(256 * Math.random()); });
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
