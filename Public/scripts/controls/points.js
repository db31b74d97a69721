import { el, freshId, own } from "../dom.js";

/**
 * One button per point, as native radio buttons in a group: for Likert scales and rows of single choices.
 * @param {object} parts
 * @param {string} parts.label
 * @param {{value: number, text: string, name?: string}[]} parts.points `name` is for screen readers, if they need more than `text`
 * @param {number | null} parts.value
 * @param {() => boolean} parts.allowed called before a choice takes effect; explains a refusal itself
 * @param {(value: number) => void} parts.changed
 * @param {boolean} [parts.isColumn] whether the points are words, one below the other
 * @param {boolean} [parts.isOwn] whether the words are the study's
 * @returns {import("./slider.js").RatingControl}
 */
export function points({ label, points: offered, value, allowed, changed, isColumn = false, isOwn = false }) {
  const group = freshId("points");
  let current = value;
  const inputs = offered.map((point) => {
    const input = el("input", { type: "radio", name: group, value: point.value, "aria-label": point.name ?? point.text });
    input.checked = point.value === value;
    // Arrow keys also cause clicks on radio buttons. If it is refused here, the browser undoes the choice.
    input.addEventListener("click", (event) => { if (!allowed()) event.preventDefault(); });
    input.addEventListener("change", () => {
      current = point.value;
      node.classList.add("touched");
      changed(current);
    });
    return input;
  });
  const node = el("div", { class: `points${value === null ? "" : " touched"}${isColumn ? " labels" : ""}`, role: "radiogroup", "aria-label": label, ...(isOwn ? own() : {}) },
    ...offered.map((point, i) => el("label", { class: "point" }, inputs[i], el("span", {}, point.text))));
  return {
    node,
    get value() { return current; },
    set(next) {
      current = next;
      offered.forEach((point, i) => { inputs[i].checked = point.value === next; });
      node.classList.toggle("touched", next !== null);
    },
    focusable: () => inputs.find((input) => input.checked) ?? inputs[0],
  };
}
