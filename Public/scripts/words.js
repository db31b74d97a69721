import { spoken } from "./message.js";
import en from "./words/en.js";

// What the pages themselves say. The study's own texts come from the server in the study's languages; where the pages do
// not speak one of those, they say their few words in English.

/** @typedef {typeof en} Words */

/** @type {Record<string, Promise<Words>>} */
const asked = { en: Promise.resolve(en) };

/**
 * The pages' words in a language: those of its file in `Public/words`, which is called by the first part of the language's
 * code. English where there is no such file, or where it does not come.
 * @param {string} language a BCP 47 code
 * @returns {Promise<Words>}
 */
export function wordsFor(language) {
  const base = language.split("-")[0].toLowerCase();
  if (!/^[a-z]{2,3}$/.test(base)) return asked.en;
  if (!Object.prototype.hasOwnProperty.call(asked, base)) asked[base] = fetched(base);
  return asked[base];
}

/** @param {string} base @returns {Promise<Words>} */
async function fetched(base) {
  try {
    const answer = await fetch(new URL(`../words/${base}.json`, import.meta.url));
    return answer.ok ? { ...translated(en, await answer.json(), base), language: base } : en;
  } catch {
    return en;
  }
}

/**
 * The messages of a file in place of the English ones of the same names.
 * @template T
 * @param {T} english @param {any} file @param {string} language
 * @returns {T}
 */
export function translated(english, file, language) {
  if (file === undefined || file === null) return english;
  if (typeof english === "function") return /** @type {T} */ (spoken(file, /** @type {any} */ (english).names, language));
  if (typeof english !== "object" || english === null) return typeof file === typeof english ? file : english;
  if (Array.isArray(english)) return Array.isArray(file) && file.length === english.length ? /** @type {any} */ (file) : english;
  return /** @type {T} */ (Object.fromEntries(Object.entries(english).map(([name, one]) => [name, translated(one, file[name], language)])));
}

/**
 * The pages' words, some of them in the study's own.
 * @param {Words} words @param {Record<string, string> | undefined} own by the dotted names of messages; what there is no message for is passed over
 * @returns {Words}
 */
export function overridden(words, own) {
  if (!own) return words;
  /** @type {any} */
  const changes = {};
  for (const [name, text] of Object.entries(own)) {
    const path = name.split(".");
    const last = path.pop();
    let place = changes;
    for (const part of path) {
      if (!Object.prototype.hasOwnProperty.call(place, part) || typeof place[part] !== "object") place[part] = {};
      place = place[part];
    }
    if (last) place[last] = text;
  }
  return { ...translated(words, changes, words.language), language: words.language };
}

/**
 * A text as it can be sent and stored: a blank for each control character and for half a character.
 * @param {string} text
 * @returns {string}
 */
export function plain(text) {
  return Array.from(text, (one) => (/^(?:\p{Cc}|\p{Cs})$/u.test(one) ? " " : one)).join("");
}

/** @param {string} day as `2024-12-31` @param {string} language @returns {string} as the language writes it */
export function dayName(day, language) {
  return new Date(`${day}T00:00:00`).toLocaleDateString(language, { year: "numeric", month: "long", day: "numeric" });
}

/** @param {number} got @param {number} size in bytes @param {string} language @returns {string} such as `0.4 / 1.1 MB` */
export function megabytes(got, size, language) {
  const [here, whole] = [got, size].map((bytes) => (bytes / 1e6).toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }));
  return `${here} / ${whole} MB`;
}

/** @param {string} language @returns {string} the language's name in itself */
export function nameOf(language) {
  try {
    const name = new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
    return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
  } catch {
    return language;
  }
}

/**
 * Of the study's languages the one that the reader asked for, else the browser's, else the first.
 * @param {string[]} offered
 * @param {(string | null)[]} wanted in order of preference
 * @returns {string}
 */
export function bestLanguage(offered, wanted) {
  for (const wish of wanted) {
    if (!wish) continue;
    const same = offered.find((language) => language.toLowerCase() === wish.toLowerCase());
    const base = wish.split("-")[0].toLowerCase();
    const near = same ?? offered.find((language) => language.split("-")[0].toLowerCase() === base);
    if (near) return near;
  }
  return offered[0];
}

/**
 * Names in a row as the language does it, with neighbours drawn together: `A–C and F`.
 * @param {string[]} positions some of `all`
 * @param {string[]} all in order
 * @param {string} language
 * @returns {string}
 */
export function listed(positions, all, language) {
  /** @type {string[][]} */
  const runs = [];
  for (const position of positions) {
    const last = runs[runs.length - 1];
    if (last && all.indexOf(position) === all.indexOf(last[last.length - 1]) + 1) last.push(position);
    else runs.push([position]);
  }
  const parts = runs.flatMap((run) => (run.length < 3 ? run : [`${run[0]}–${run[run.length - 1]}`]));
  return globalThis.Intl?.ListFormat ? new Intl.ListFormat(language, { type: "conjunction" }).format(parts) : parts.join(", ");
}
