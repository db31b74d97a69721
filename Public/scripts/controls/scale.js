import { el, own } from "../dom.js";
import { points } from "./points.js";
import { slider } from "./slider.js";

// A study's rating scale, of the kind it wants, and the words at its ends.

/** @param {Parameters<typeof slider>[0]} parts */
export function scaleControl({ scale, words, label, value, allowed, changed }) {
  if (scale.kind !== "likert") return slider({ label, scale, words, value, allowed, changed });
  const offered = Array.from({ length: scale.max - scale.min + 1 }, (_, i) => {
    const point = scale.min + i;
    const end = point === scale.min ? scale.low : point === scale.max ? scale.high : null;
    return { value: point, text: String(point), name: end ? `${point}, ${end}` : String(point) };
  });
  return points({ label, points: offered, value, allowed, changed, isOwn: true });
}

/** @param {Server.Scale} scale */
export const ends = (scale) => el("div", { class: "ends", "aria-hidden": "true" }, el("span", own(), scale.low), el("span", own(), scale.high));
