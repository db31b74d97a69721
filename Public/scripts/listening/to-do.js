import { listed } from "../words.js";

// What is still to be heard and judged before a page can be left.

/**
 * @template Said
 * @typedef {import("../trials/listening.js").Row<Said>} Row
 */

/**
 * What is still to be done, in words.
 * @template Said
 * @param {Pick<TrialParts, "words" | "language">} parts
 * @param {object} about
 * @param {Pick<import("../trials/listening.js").Asking<Said, any>, "say" | "playAndSay">} about.asking
 * @param {{play: (list: string) => string, longer: (list: string) => string}} about.said
 * @param {string | null} about.loop what to do with the loop
 * @param {Row<Said>[]} about.rows
 * @param {Row<Said>[]} about.open those that are still to be judged
 * @param {import("./hearing.js").Hearing} about.hearing
 * @returns {string}
 */
export function toDo({ words, language }, { asking: { say, playAndSay }, said, loop, rows, open, hearing }) {
  const unheard = rows.filter((row) => !row.isHeard());
  /** @param {Row<Said>} row */
  const isBegun = (row) => row.state.plays > 0;
  const both = playAndSay ? open.filter((row) => unheard.includes(row) && !isBegun(row)) : [];
  const toHear = unheard.filter((row) => !both.includes(row));
  /** @type {[Row<Said>[], ((list: string) => string) | undefined][]} */
  const wants = [
    [toHear.filter((row) => !isBegun(row)), said.play],
    [toHear.filter((row) => isBegun(row) && !hearing.isSounding(row.state)), said.longer],
    [open.filter((row) => !both.includes(row)), say],
    [both, playAndSay],
  ];
  const all = rows.map((row) => row.position);
  return words.toDo([
    ...(loop === null ? [] : [loop]),
    ...wants.flatMap(([some, text]) => (some.length > 0 && text ? [text(listed(some.map((row) => row.position), all, language))] : [])),
  ].join(words.toDoComma));
}
