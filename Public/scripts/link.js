// What stands in the address by which a listener came. Panels, mail programs and people write it, well or badly: it is
// read as far as it goes, and nothing on these pages depends on it.

const mostParameters = 60;
const longestName = 100;
const longestValue = 20000;
const longestOfAll = 100000;

/**
 * Parameters that belong to whoever sent the listener: all but the language.
 * @param {string} [search] the address from its question mark
 * @returns {[string, string][]} name and value, in their order
 */
export function parametersOf(search = location.search) {
  const pairs = search.replace(/^\?/, "").split("&").filter(Boolean).map((pair) => {
    const at = pair.indexOf("=");
    return at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
  });
  let left = longestOfAll;
  return pairs.map(([name, value]) => /** @type {[string, string]} */ ([cut(decoded(name), longestName), cut(decoded(value), longestValue)]))
    .filter(([name, value]) => name !== "lang" && (left -= name.length + value.length) >= 0).slice(0, mostParameters);
}

/** @param {string} [search] @returns {string | null} the language that the address asks for */
export function languageOf(search = location.search) {
  return new URLSearchParams(search).get("lang") || null;
}

/**
 * Percent signs without their two digits stand for themselves; what is no UTF-8 is Western European, as old systems write it.
 * @param {string} text
 */
function decoded(text) {
  const bytes = [];
  for (const part of text.replaceAll("+", " ").split(/(%[0-9a-f]{2})/i)) {
    if (/^%[0-9a-f]{2}$/i.test(part)) bytes.push(parseInt(part.slice(1), 16));
    else bytes.push(...new TextEncoder().encode(part));
  }
  const all = new Uint8Array(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(all);
  } catch {
    return new TextDecoder("windows-1252").decode(all);
  }
}

/**
 * No letter is cut through.
 * @param {string} text @param {number} length
 */
function cut(text, length) {
  return text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
}
