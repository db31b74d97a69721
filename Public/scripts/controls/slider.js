import { el, freshId, isMirrored } from "../dom.js";

/**
 * Removes soft hyphens, which some screen readers spell out.
 * @param {string} text
 */
const plainly = (text) => text.replaceAll("\u00ad", "");
/** In pixels. A finger that rests moves less. */
const slop = 3;

/**
 * @typedef {object} RatingControl
 * @property {HTMLElement} node
 * @property {number | null} value null until it is touched
 * @property {(value: number | null) => void} set sets the value without calling `changed`
 * @property {() => HTMLElement} focusable
 */

/**
 * A scale that has no thumb at first, since an untouched scale is not a rating. The first touch sets the value there,
 * and a finger that moves along the scale takes the thumb with it at once; one that scrolls the page past it sets
 * nothing. The first arrow key starts from the middle.
 * @param {object} parts
 * @param {string} parts.label
 * @param {Server.Scale} parts.scale
 * @param {Words} parts.words
 * @param {number | null} parts.value
 * @param {() => boolean} parts.allowed called before a touch takes effect; explains a refusal itself
 * @param {(value: number) => void} parts.changed called at the end of each movement
 * @param {(value: number) => string} [parts.figure] formats a value
 * @param {(value: number) => string} [parts.band] the meaning of a value, if the scale has words for it
 * @returns {RatingControl}
 */
export function slider({ label, scale, words, value, allowed, changed, figure = String, band }) {
  const { min, max } = scale;
  const track = el("span", { class: "track" });
  const thumb = el("span", { class: "thumb" });
  const shown = scale.show_value ? el("output", { class: "value" }) : null;
  const ends = el("span", { id: freshId("ends"), hidden: true }, words.trial.ends(figure(min), plainly(scale.low), figure(max), plainly(scale.high)));
  const node = el("div", {
    class: "slider", "aria-describedby": ends.id, role: "slider", tabindex: 0, "aria-label": label, "aria-valuemin": min, "aria-valuemax": max,
    "aria-orientation": "horizontal",
  }, track, thumb, shown, ends);

  /** @type {number | null} */
  let current = null;
  /** @param {number | null} next */
  const show = (next) => {
    current = next;
    node.classList.toggle("touched", next !== null);
    node.setAttribute("aria-valuenow", String(next ?? min));
    node.setAttribute("aria-valuetext", next === null ? words.trial.notRated
      : [words.trial.outOf(figure(next), figure(max)), ...(band ? [plainly(band(next))] : [])].join(words.toDoComma));
    node.style.setProperty("--at", next === null ? "0" : String((next - min) / (max - min)));
    if (shown) shown.textContent = next === null ? "" : figure(next);
  };
  /** @param {number} next */
  const clamped = (next) => Math.min(max, Math.max(min, Math.round(next)));
  const touch = { value: () => current, allowed, show, changed };
  followPointer(node, touch, (event) => {
    const box = track.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    return clamped(min + (isMirrored(node) ? 1 - share : share) * (max - min));
  });
  followKeys(node, touch, (event) => {
    const to = moved(event, current ?? (min + max) / 2, scale, isMirrored(node));
    return to === undefined ? to : clamped(to);
  });

  show(value);
  return { node, get value() { return current; }, set: show, focusable: () => node };
}

/**
 * The interaction with a scale: `show` draws a value while it is being tried, `changed` is called with the final one if
 * it differs.
 * @typedef {object} Touch
 * @property {() => number | null} value
 * @property {() => boolean} allowed
 * @property {(next: number | null) => void} show
 * @property {(value: number) => void} changed
 */

/** @param {Touch} touch @param {number | null} before */
function tellChange({ value, changed }, before) {
  const now = value();
  if (now !== null && now !== before) changed(now);
}

/**
 * A mouse sets the value where it is pressed; a finger sets it once it moves along the scale or lifts.
 * @param {HTMLElement} node
 * @param {Touch} touch
 * @param {(event: PointerEvent) => number} at the value at the pointer
 */
function followPointer(node, touch, at) {
  // A finger that only scrolls past must leave the scale unchanged, so the previous value is kept until it lifts.
  /** @type {{id: number, x: number, y: number, before: number | null} | null} */
  let drag = null;
  let refused = false;
  /** @param {PointerEvent} event */
  const follow = (event) => {
    if (refused) return;
    refused = !touch.allowed();
    if (!refused) touch.show(at(event));
  };
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || drag) return;
    drag = { id: event.pointerId, x: event.clientX, y: event.clientY, before: touch.value() };
    refused = false;
    node.setPointerCapture(event.pointerId);
    if (event.pointerType === "mouse") follow(event);
  });
  node.addEventListener("pointermove", (event) => {
    if (drag?.id === event.pointerId && (touch.value() !== null || event.pointerType === "mouse" || isAlong(event, drag))) follow(event);
  });
  node.addEventListener("pointerup", (event) => {
    if (drag?.id !== event.pointerId) return;
    const { before } = drag;
    follow(event);
    drag = null;
    tellChange(touch, before);
  });
  // If a touch was refused, the focus is already where the listener can fix that.
  node.addEventListener("mousedown", (event) => { if (refused) event.preventDefault(); });
  node.addEventListener("pointercancel", () => {
    if (drag) touch.show(drag.before);
    drag = null;
  });
}

/** @param {PointerEvent} event @param {{x: number, y: number}} from @returns {boolean} whether a finger moves along the scale rather than past it */
function isAlong(event, { x, y }) {
  return Math.abs(event.clientX - x) > Math.max(slop, Math.abs(event.clientY - y));
}

/**
 * @param {HTMLElement} node
 * @param {Touch} touch
 * @param {(event: KeyboardEvent) => number | undefined} next the value that a key leads to; undefined if the scale does not use it
 */
function followKeys(node, touch, next) {
  node.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = next(event);
    if (to === undefined) return;
    event.preventDefault();
    if (!touch.allowed()) return;
    const before = touch.value();
    touch.show(to);
    tellChange(touch, before);
  });
}

/**
 * @param {KeyboardEvent} event
 * @param {number} from
 * @param {{min: number, max: number}} scale
 * @param {boolean} mirrored
 * @returns {number | undefined} the value that the key leads to, possibly beyond the ends
 */
function moved({ key, shiftKey }, from, { min, max }, mirrored) {
  const large = Math.max(1, Math.round((max - min) / 10));
  const step = shiftKey ? large : Math.max(1, Math.round((max - min) / 100));
  const toRight = mirrored ? -step : step;
  /** @type {Record<string, number>} */
  const moves = {
    ArrowUp: from + step, ArrowDown: from - step, ArrowRight: from + toRight, ArrowLeft: from - toRight,
    PageUp: from + large, PageDown: from - large, Home: min, End: max,
  };
  return moves[key];
}
