import de from "./words/de.js";
import en from "./words/en.js";

// What the pages themselves say. The study's own texts come from the server in the study's languages; where the pages do
// not speak one of those, they say their few words in English.

/** @typedef {typeof en} Words */

/** @type {Record<string, Words>} */
const known = { en, de };
const rightToLeft = new Set(["ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"]);

/** @param {string} language a BCP 47 code @returns {Words} */
export function wordsFor(language) {
  const base = language.split("-")[0].toLowerCase();
  return Object.prototype.hasOwnProperty.call(known, base) ? known[base] : en;
}

/** @param {string} language @returns {"ltr" | "rtl"} */
export function directionOf(language) {
  return rightToLeft.has(language.split("-")[0].toLowerCase()) ? "rtl" : "ltr";
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
 * @param {string[]} letters some of `all`
 * @param {string[]} all in order
 * @param {string} language
 * @returns {string}
 */
export function listed(letters, all, language) {
  /** @type {string[][]} */
  const runs = [];
  for (const letter of letters) {
    const last = runs[runs.length - 1];
    if (last && all.indexOf(letter) === all.indexOf(last[last.length - 1]) + 1) last.push(letter);
    else runs.push([letter]);
  }
  const parts = runs.flatMap((run) => (run.length < 3 ? run : [`${run[0]}–${run[run.length - 1]}`]));
  return globalThis.Intl?.ListFormat ? new Intl.ListFormat(language, { type: "conjunction" }).format(parts) : parts.join(", ");
}
