// The address by which a listener came. Recruitment panels, mail programs and people write it, well or badly. It is
// read as far as possible, and nothing on these pages depends on it.

const mostParameters = 60;
const longestName = 100;
const longestValue = 20000;
const longestOfAll = 100000;

/**
 * The parameters for whoever sent the listener: all except the language.
 * @param {string} [search] the address from its question mark
 * @returns {[string, string][]} name and value, in order
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

/** Parameters that name the listener, as the server reads them: the panels', those without a panel, and an invitation. */
const namesOfListeners = ["prolificpid", "workerid", "participantid", "surveycode", "id", "externalid", "invite"];

/**
 * Whether two links name the same listener, whatever else they contain: a panel's links name another session each time. A study's
 * own names of ids are unknown here. Links without a known one have to be the same.
 * @param {[string, string][]} one
 * @param {[string, string][]} other
 */
export function nameTheSame(one, other) {
  /** @param {[string, string][]} link */
  const whose = (link) => JSON.stringify(link.map(([name, value]) => [name.toLowerCase().replace(/[_.-]/g, ""), value.trim()])
    .filter(([name, value]) => namesOfListeners.includes(name) && value).sort());
  return JSON.stringify(one) === JSON.stringify(other) || (whose(one) !== "[]" && whose(one) === whose(other));
}

/** @param {string} [search] @returns {string | null} the language in the address */
export function languageOf(search = location.search) {
  return new URLSearchParams(search).get("lang") || null;
}

/**
 * Decodes percent-encoding. Percent signs without two digits stay, and what is not UTF-8 is read as Western European,
 * as old systems write it.
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
 * Shortens a text without cutting through a character.
 * @param {string} text @param {number} length
 */
function cut(text, length) {
  return text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
}
