import { points } from "../../controls/points.js";
import { slider } from "../../controls/slider.js";
import { el } from "../../dom.js";
import { wholeMs } from "../../timing.js";
import { listeningPage } from "../listening.js";

export { sounds } from "../listening.js";

// A few samples with a scale each. A sample is rated once it was heard; untouched is not a rating.

/** @param {TrialParts} parts @returns {TrialPage} */
export function trialPage(parts) {
  const { block: { scale }, words } = parts;
  const said = words.trial;
  return listeningPage(parts, {
    blank: /** @type {{rating: number | null}} */ ({ rating: null }),
    control: ({ position, state }, { allowed, changed }) => scaleControl({
      scale, words, label: said.scaleOf(position), value: state.rating, allowed,
      changed(value) {
        state.rating = value;
        changed(value);
      },
    }),
    isSaid: ({ state }) => state.rating !== null,
    hear: "each",
    listenFirst: said.listenFirst,
    said: said.rated,
    open: (rows) => rows.filter(({ state }) => state.rating === null),
    say: said.missing.rate,
    keysLine: said.keysLine,
    keys: said.keys,
    above: el("div", { class: "ends", "aria-hidden": "true" }, el("span", {}, scale.low), el("span", {}, scale.high)),
    answer: (rows) => ({
      // All are rated, or the page would not be left.
      ratings: rows.map(({ position, state }) => ({
        position, rating: /** @type {number} */ (state.rating), plays: state.plays, listened_ms: wholeMs(state.listened_ms),
      })),
    }),
  });
}

/** @param {Parameters<typeof slider>[0]} parts */
function scaleControl({ scale, words, label, value, allowed, changed }) {
  if (scale.kind !== "likert") return slider({ label, scale, words, value, allowed, changed });
  const offered = Array.from({ length: scale.max - scale.min + 1 }, (_, i) => {
    const point = scale.min + i;
    const end = point === scale.min ? scale.low : point === scale.max ? scale.high : null;
    return { value: point, text: String(point), name: end ? `${point}, ${end}` : String(point) };
  });
  return points({ label, points: offered, value, allowed, changed });
}
