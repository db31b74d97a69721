import { points } from "../controls/points.js";
import { ratingPage } from "./rating.js";

// One version, and five words for it (ITU-T P.800).

/**
 * @param {TrialParts} parts
 * @param {{labels: string[], keysLine: string[][], keys: (last: string) => string[][], scaleOf: (letter: string) => string}} said
 *   `labels` from the best to the worst
 * @returns {TrialPage}
 */
export const categoryPage = (parts, said) => ratingPage(parts, {
  control: ({ position, state }, about) => points({
    label: said.scaleOf(position), value: state.rating, isColumn: true,
    points: said.labels.map((text, i) => ({ value: said.labels.length - i, text })), ...about,
  }),
  keysLine: said.keysLine,
  keys: said.keys,
});
