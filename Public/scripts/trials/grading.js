import { slider } from "../controls/slider.js";
import { el } from "../dom.js";
import { ratingPage } from "./rating.js";

// Versions of an item beside its reference, each with a scale of five bands.

/**
 * @param {TrialParts} parts
 * @param {{bands: string[], scaleOf: (letter: string) => string, keysLine: string[][], keys: (last: string) => string[][]}} said
 *   `bands` from the lowest to the highest
 * @param {{min: number, max: number}} range
 * @returns {TrialPage}
 */
export function gradingPage(parts, said, range) {
  const scale = { ...parts.block.scale, ...range };
  return ratingPage(parts, {
    control: ({ position, state }, about) => slider({
      scale, words: parts.words, label: said.scaleOf(position), value: state.rating, ...about,
    }),
    keysLine: said.keysLine,
    keys: said.keys,
    above: el("div", { class: "ends bands", "aria-hidden": "true" }, ...said.bands.map((band) => el("span", {}, band))),
    score: ({ state }) => state.rating,
  });
}
