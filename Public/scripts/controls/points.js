import { el, freshId, own } from "../dom.js";

/**
 * One button a point, as native radio buttons in a group: Likert scales and single choices in a row.
 * @param {object} parts
 * @param {string} parts.label
 * @param {{value: number, text: string, name?: string}[]} parts.points `name` is read to a screen reader where it should hear more
 * @param {number | null} parts.value
 * @param {() => boolean} parts.allowed asked before a choice counts; says itself why not
 * @param {(value: number) => void} parts.changed
 * @param {boolean} [parts.isColumn] words, one under the other
 * @param {boolean} [parts.isOwn] the words are the study's
 * @returns {import("./slider.js").RatingControl}
 */
export function points({ label, points: offered, value, allowed, changed, isColumn = false, isOwn = false }) {
  const group = freshId("points");
  let current = value;
  const inputs = offered.map((point) => {
    const input = el("input", { type: "radio", name: group, value: point.value, "aria-label": point.name ?? point.text });
    input.checked = point.value === value;
    // A click is also what arrow keys make of a radio button; refused here, the browser takes the choice back.
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
