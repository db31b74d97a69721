import { slider } from "../controls/slider.js";
import { el } from "../dom.js";
import { ratingPage } from "./rating.js";

// Versions of an item beside its reference, each with a scale of five bands.

/**
 * @param {TrialParts} parts
 * @param {{bands: string[], scaleOf: (letter: string) => string}} said `bands` from lowest to highest
 * @param {{min: number, max: number}} range
 * @param {(value: number) => string} [figure] formats a value
 * @returns {TrialPage}
 */
export function gradingPage(parts, said, range, figure = String) {
  const { bands } = said;
  const scale = { ...parts.block.scale, ...range, low: bands[0], high: bands[bands.length - 1] };
  /** @param {number} value */
  const band = (value) => bands[Math.min(bands.length - 1, Math.floor(((value - range.min) / (range.max - range.min)) * bands.length))];
  return ratingPage(parts, {
    control: ({ position, state }, about) => slider({
      scale, words: parts.words, label: said.scaleOf(position), value: state.rating, figure, band, ...about,
    }),
    keys: { arrows: "rate", isSlider: true },
    above: el("div", { class: "ends bands", "aria-hidden": "true" }, ...bands.map((one) => el("span", {}, one))),
    score: ({ state }) => state.rating,
  });
}
