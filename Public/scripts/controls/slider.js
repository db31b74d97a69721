import { el, freshId } from "../dom.js";

/**
 * Without places to break a word at, which some screen readers spell.
 * @param {string} text
 */
const plainly = (text) => text.replaceAll("\u00ad", "");
/** In pixels: a finger that rests moves less. */
const slop = 3;

/**
 * @typedef {object} RatingControl
 * @property {HTMLElement} node
 * @property {number | null} value null until it was touched
 * @property {(value: number | null) => void} set without telling `changed`
 * @property {() => HTMLElement} focusable
 */

/**
 * A scale without a thumb: untouched is not a rating. The first touch sets it where it was touched, and a finger that
 * moves along it takes the thumb with it at once; one that scrolls the page past it sets nothing. The first arrow begins
 * at the middle.
 * @param {object} parts
 * @param {string} parts.label
 * @param {Server.Scale} parts.scale
 * @param {Words} parts.words
 * @param {number | null} parts.value
 * @param {() => boolean} parts.allowed asked before a touch counts; says itself why not
 * @param {(value: number) => void} parts.changed at the end of each movement
 * @param {(value: number) => string} [parts.figure] a value as it is written
 * @param {(value: number) => string} [parts.band] what a value means, where the scale has words for it
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
 * How a scale is touched: `show` draws a value as it is tried, `changed` is told the last one, if it is another.
 * @typedef {object} Touch
 * @property {() => number | null} value
 * @property {() => boolean} allowed
 * @property {(next: number | null) => void} show
 * @property {(value: number) => void} changed
 */

/** @param {HTMLElement} node @returns {boolean} whether it runs from right to left */
const isMirrored = (node) => getComputedStyle(node).direction === "rtl";

/** @param {Touch} touch @param {number | null} before */
function tellChange({ value, changed }, before) {
  const now = value();
  if (now !== null && now !== before) changed(now);
}

/**
 * A mouse sets the value where it is pressed, a finger once it moves along the scale or lifts.
 * @param {HTMLElement} node
 * @param {Touch} touch
 * @param {(event: PointerEvent) => number} at the value under the pointer
 */
function followPointer(node, touch, at) {
  // A finger that only scrolls past must leave the scale as it was, so the value before it is kept until it lifts.
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
  // Where a touch was refused, the focus is already where the mend is.
  node.addEventListener("mousedown", (event) => { if (refused) event.preventDefault(); });
  node.addEventListener("pointercancel", () => {
    if (drag) touch.show(drag.before);
    drag = null;
  });
}

/** @param {PointerEvent} event @param {{x: number, y: number}} from @returns {boolean} whether a finger moves along the scale, not past it */
function isAlong(event, { x, y }) {
  return Math.abs(event.clientX - x) > Math.max(slop, Math.abs(event.clientY - y));
}

/**
 * @param {HTMLElement} node
 * @param {Touch} touch
 * @param {(event: KeyboardEvent) => number | undefined} next where a key leads, if it is one of the scale's
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
 * @returns {number | undefined} where the key leads, perhaps beyond the ends
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
