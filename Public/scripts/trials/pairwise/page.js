import { ends, scaleControl } from "../../controls/scale.js";
import { wholePage } from "../whole.js";

export { sounds } from "../listening.js";

// How alike two sounds are, on the block's scale.

/** @param {TrialParts} parts @returns {TrialPage} */
export function trialPage(parts) {
  const { block: { scale }, words } = parts;
  return wholePage(parts, words.pairwise, (about) => scaleControl({ scale, words, label: words.pairwise.scale, ...about }),
    { arrows: "rate", isSlider: scale.kind === "slider" }, ends(scale));
}
