import { ends, scaleControl } from "../../controls/scale.js";
import { ratingPage } from "../rating.js";

export { sounds } from "../listening.js";

// A few samples, each with a scale. A sample can be rated once it was heard; an untouched scale is not a rating.

/** @param {TrialParts} parts @returns {TrialPage} */
export function trialPage(parts) {
  const { block: { scale }, words } = parts;
  return ratingPage(parts, {
    control: ({ position, state }, about) => scaleControl({
      scale, words, label: words.trial.scaleOf(position), value: state.rating, ...about,
    }),
    keys: { arrows: "rate", isSlider: scale.kind === "slider" },
    above: ends(scale),
  });
}
