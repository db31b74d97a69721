import { points } from "../../controls/points.js";
import { wholePage } from "../whole.js";

export { sounds } from "../listening.js";

// How much better or worse B is than A (ITU-T P.800).

/** @param {TrialParts} parts @returns {TrialPage} */
export function trialPage(parts) {
  const said = parts.words.ccr;
  const middle = (said.labels.length - 1) / 2;
  return wholePage(parts, said, (about) => points({
    label: said.scale, isColumn: true, points: said.labels.map((text, i) => ({ value: middle - i, text })), ...about,
  }), { arrows: "choose", isColumn: true }, null);
}
