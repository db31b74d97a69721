import { el } from "../dom.js";
import { wholeMs } from "../timing.js";
import { listeningPage } from "./listening.js";

// One number for all samples together, after hearing all of them.

/**
 * @typedef {object} WholeWords
 * @property {string} toDo
 * @property {(letter: string) => string} listenFirst
 */

/**
 * @param {TrialParts} parts
 * @param {WholeWords} said
 * @param {(about: {value: number | null, allowed: () => boolean, changed: (value: number) => void}) => import("../controls/slider.js").RatingControl} control
 *   the control that sets the number
 * @param {import("../listening/keys.js").Keys} keys
 * @param {HTMLElement | null} above shown above it
 * @returns {TrialPage}
 */
export function wholePage(parts, said, control, keys, above) {
  /** @type {{state: {rating: number | null}}[]} */
  const all = [];
  /** @type {import("../controls/slider.js").RatingControl | null} */
  let made = null;
  return listeningPage(parts, {
    blank: /** @type {{rating: number | null}} */ ({ rating: null }),
    control(row) {
      all.push(row);
      const node = el("span", { hidden: true });
      return { node, focusable: () => made?.focusable() ?? node };
    },
    isSaid: () => false,
    hear: "all",
    listenFirst: said.listenFirst,
    said: "",
    open: (rows) => rows.filter(({ state }) => state.rating === null),
    say: () => said.toDo,
    keys,
    above: null,
    below({ allowed, changed }) {
      made = control({
        value: all[0].state.rating, allowed,
        changed(value) {
          for (const { state } of all) state.rating = value;
          changed(value);
        },
      });
      return el("div", { class: "whole" }, above, made.node);
    },
    answer: (rows) => ({
      // It is rated, or the page could not be left.
      rating: /** @type {number} */ (rows[0].state.rating),
      heard: rows.map(({ position, state }) => ({ position, plays: state.plays, listened_ms: wholeMs(state.listened_ms) })),
    }),
  });
}
