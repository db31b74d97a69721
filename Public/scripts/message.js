// A message with places for what is known only on the page, as `Trial {i} of {n}`. Where the words depend on a number there
// is one text for each plural category of the language (CLDR: zero, one, two, few, many, other), and perhaps for a number of
// its own, as "0".

/** @typedef {string | {[category: string]: string, other: string}} Text */

/**
 * An English message.
 * @template {string[]} Names
 * @param {Text} text @param {Names} names of its places, in the order in which the pages give them; the first number decides the plural
 * @returns {Message<Names>}
 */
export function message(text, ...names) {
  return spoken(text, names, "en");
}

/**
 * @template {string[]} Names
 * @param {Text} text @param {Names} names @param {string} language a BCP 47 code
 * @returns {Message<Names>}
 */
export function spoken(text, names, language) {
  const rules = typeof text === "string" ? null : new Intl.PluralRules(language);
  /** @param {(string | number)[]} values */
  const say = (...values) => {
    const n = Number(values.find((value) => typeof value === "number") ?? 0);
    const chosen = typeof text === "string" ? text : text[String(n)] ?? text[rules?.select(n) ?? "other"] ?? text.other;
    return chosen.replace(/\{(\w+)\}/g, (place, name) => (names.includes(name) ? String(values[names.indexOf(name)]) : place));
  };
  return /** @type {Message<Names>} */ (Object.assign(say, { names }));
}
