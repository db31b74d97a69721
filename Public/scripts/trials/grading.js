import { slider } from "../controls/slider.js";
import { el } from "../dom.js";
import { wholeMs } from "../timing.js";
import { listeningPage } from "./listening.js";

// Versions of an item beside its reference, each with a scale of five bands.

/**
 * @param {TrialParts} parts
 * @param {{bands: string[], scaleOf: (letter: string) => string, keysLine: string[][], keys: (last: string) => string[][]}} said
 *   `bands` from the lowest to the highest
 * @param {{min: number, max: number}} range
 * @returns {TrialPage}
 */
export function gradingPage(parts, said, range) {
  const { words } = parts;
  const scale = { ...parts.block.scale, ...range };
  return listeningPage(parts, {
    blank: /** @type {{rating: number | null}} */ ({ rating: null }),
    control: ({ position, state }, { allowed, changed }) => slider({
      scale, words, label: said.scaleOf(position), value: state.rating, allowed,
      changed(value) {
        state.rating = value;
        changed(value);
      },
    }),
    isSaid: ({ state }) => state.rating !== null,
    hear: "each",
    listenFirst: words.trial.listenFirst,
    said: words.trial.rated,
    open: (rows) => rows.filter(({ state }) => state.rating === null),
    say: words.trial.missing.rate,
    keysLine: said.keysLine,
    keys: said.keys,
    above: el("div", { class: "ends bands", "aria-hidden": "true" }, ...said.bands.map((band) => el("span", {}, band))),
    score: ({ state }) => state.rating,
    answer: (rows) => ({
      // All are rated, or the page would not be left.
      ratings: rows.map(({ position, state }) => ({
        position, rating: /** @type {number} */ (state.rating), plays: state.plays, listened_ms: wholeMs(state.listened_ms),
      })),
    }),
  });
}
