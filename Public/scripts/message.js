// Messages with placeholders for values known only on the page, such as `Trial {i} of {n}`. If the wording depends on a
// number, there is one text for each plural category of the language (CLDR: zero, one, two, few, many, other), and
// optionally for particular numbers, such as "0".

const rightToLeft = new Set(["ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"]);

/** @param {string} language a BCP 47 code @returns {"ltr" | "rtl"} */
export function directionOf(language) {
  return rightToLeft.has(language.split("-")[0].toLowerCase()) ? "rtl" : "ltr";
}

/**
 * Isolates a foreign text within a line, so that each keeps its own direction.
 * @param {string} text @param {string} language of the line
 */
export const isolated = (text, language) => (directionOf(language) === "rtl" ? `\u2068${text}\u2069` : text);

/** @typedef {string | {[category: string]: string, other: string}} Text */

/**
 * An English message.
 * @template {string[]} Names
 * @param {Text} text @param {Names} names of its placeholders, in the order in which the pages pass values; the first number determines the plural
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
