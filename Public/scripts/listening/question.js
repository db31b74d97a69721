import { el, own } from "../dom.js";

// A trial's question, and what it asks for, which stays in view.

/**
 * The question with the drum asked for in weight.
 * @param {string} text @param {string} condition
 */
export function questionLine(text, condition) {
  const line = el("span", own());
  text.split("{condition}").forEach((part, i) => {
    if (i > 0) line.append(el("strong", { class: "condition" }, condition));
    line.append(part);
  });
  return line;
}

/**
 * What is asked for, once the question has scrolled away: beside the loop, or in a line of its own.
 * @param {string} text of the question @param {string} condition
 */
export function soughtLine(text, condition) {
  return text.includes("{condition}") && condition !== ""
    ? el("span", { class: "sought", "aria-hidden": "true" }, el("strong", { class: "condition", ...own() }, condition)) : null;
}

/**
 * Tells whether something is scrolled out of view, whenever that changes. Where the browser cannot see it, it always is.
 * @param {Element | null} node
 * @param {(isAway: boolean) => void} told
 * @returns {() => void} ends the watch
 */
export function whenAway(node, told) {
  if (!node || !("IntersectionObserver" in globalThis)) {
    told(true);
    return () => {};
  }
  const watch = new IntersectionObserver((changes) => told(!changes[changes.length - 1].isIntersecting));
  watch.observe(node);
  return () => watch.disconnect();
}
