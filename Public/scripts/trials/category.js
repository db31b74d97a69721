import { points } from "../controls/points.js";
import { wholeMs } from "../timing.js";
import { listeningPage } from "./listening.js";

// One version, and five words for it (ITU-T P.800).

/**
 * @param {TrialParts} parts
 * @param {{labels: string[], keysLine: string[][], keys: (last: string) => string[][], scaleOf: (letter: string) => string}} said
 *   `labels` from the best to the worst
 * @returns {TrialPage}
 */
export function categoryPage(parts, said) {
  const { words } = parts;
  return listeningPage(parts, {
    blank: /** @type {{rating: number | null}} */ ({ rating: null }),
    control({ position, state }, { allowed, changed }) {
      const control = points({
        label: said.scaleOf(position), value: state.rating, allowed,
        points: said.labels.map((text, i) => ({ value: said.labels.length - i, text })),
        changed(value) {
          state.rating = value;
          changed(value);
        },
      });
      control.node.classList.add("labels");
      return control;
    },
    isSaid: ({ state }) => state.rating !== null,
    hear: "each",
    listenFirst: words.trial.listenFirst,
    said: words.trial.rated,
    open: (rows) => rows.filter(({ state }) => state.rating === null),
    say: words.trial.missing.rate,
    keysLine: said.keysLine,
    keys: said.keys,
    above: null,
    answer: (rows) => ({
      // It is rated, or the page would not be left.
      ratings: rows.map(({ position, state }) => ({
        position, rating: /** @type {number} */ (state.rating), plays: state.plays, listened_ms: wholeMs(state.listened_ms),
      })),
    }),
  });
}
