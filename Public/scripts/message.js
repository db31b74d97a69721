// A message with places for what is known only on the page, as `Trial {i} of {n}`. Where the words depend on a number there
// is one text for each plural category of the language (CLDR: zero, one, two, few, many, other), and perhaps for a number of
// its own, as "0".

const rightToLeft = new Set(["ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"]);

/** @param {string} language a BCP 47 code @returns {"ltr" | "rtl"} */
export function directionOf(language) {
  return rightToLeft.has(language.split("-")[0].toLowerCase()) ? "rtl" : "ltr";
}

/**
 * A text of another hand in a line of this one: it keeps its own direction, and leaves that of what stands around it.
 * @param {string} text @param {string} language of the line
 */
export const isolated = (text, language) => (directionOf(language) === "rtl" ? `\u2068${text}\u2069` : text);

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
    return chosen.replace(/\{(\w+)\}/g, (place, name) => {
      if (!names.includes(name)) return place;
      const value = values[names.indexOf(name)];
      return typeof value === "string" ? isolated(value, language) : String(value);
    });
  };
  return /** @type {Message<Names>} */ (Object.assign(say, { names }));
}
