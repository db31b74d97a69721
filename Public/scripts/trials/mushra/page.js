import { slider } from "../../controls/slider.js";
import { el } from "../../dom.js";
import { wholeMs } from "../../timing.js";
import { listeningPage } from "../listening.js";

export { sounds } from "../listening.js";

// The versions of an item beside its reference, each with a scale from 0 to 100 in five bands (ITU-R BS.1534-3).

/** @param {TrialParts} parts @returns {TrialPage} */
export function trialPage(parts) {
  const { words } = parts;
  const said = words.mushra;
  const scale = { ...parts.block.scale, min: 0, max: 100 };
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
