// Speaks the server's JSON. Every failure has one of two shapes: the network is away, or the server says why not.

/** The server could not be reached, or asks to be asked again; `status` is its own, 0 where nothing came. */
export class Away extends Error {
  /** @param {string} message @param {{status?: number, cause?: unknown}} how */
  constructor(message, how) {
    super(message, how);
    this.status = how.status ?? 0;
  }
}

/** The server understood and refuses; `code` and `mend` are its own words. */
export class Refused extends Error {
  /** @param {number} status @param {Partial<Server.Refusal["error"]>} error */
  constructor(status, error) {
    super(error.message ?? `The server answered ${status}.`);
    this.status = status;
    this.code = error.code ?? "unknown";
    this.mend = error.mend ?? "";
  }
}

/** Where the study is served: a web server in front may have put it below a path of its own. This script's own folder is
 * `assets/scripts` in it, or `assets/EDITION/scripts`. */
export const root = new URL(import.meta.url.replace(/assets\/(?:at-[0-9a-f]+\/)?scripts\/[^/]*$/, ""));

/** @param {string} path as the server names it, from the study's root @returns {string} the whole address */
export function address(path) {
  return new URL(path.replace(/^\/+/, ""), root).href;
}

const patienceMs = 15000;
/** Browsers refuse to keep more than 64 KiB alive; letters outside ASCII take more bytes than characters. */
const largestKeptAlive = 15000;

/**
 * Does what the network may delay for ever, and gives up after a while. Browsers without `AbortSignal.timeout`, or that
 * cannot abort at all, give up as well.
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
 * @param {Map<string, string>} [tags] of what is known already, by path; the answer's is noted
 * @returns {Promise<any>} the body of a 2xx answer; null where it is known already
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
 * Gets what may have stayed as it was.
 * @type {Server.GetIfNew}
 */
export const getIfNew = (path, tags) => {
  const known = tags.get(path);
  return ask(path, known ? { headers: { "If-None-Match": known } } : {}, tags);
};

/**
 * Posts, and lets the browser finish that while the page closes.
 * @type {Server.Post}
 */
export const post = (path, body) => {
  const text = JSON.stringify(body);
  return ask(path, {
    method: "POST", keepalive: text.length < largestKeptAlive, headers: { "Content-Type": "application/json" }, body: text,
  });
};

/**
 * A random UUID, also where the page came over plain HTTP and `crypto.randomUUID` is missing.
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
