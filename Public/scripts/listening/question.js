import { el, own } from "../dom.js";

// A trial's question, and what it asks for, which stays in view.

/**
 * The question, with the drum that it asks for emphasised.
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
 * What is asked for, shown once the question has scrolled out of view: beside the loop, or on a line of its own.
 * @param {string} text the question @param {string} condition
 */
export function soughtLine(text, condition) {
  return text.includes("{condition}") && condition !== ""
    ? el("span", { class: "sought", "aria-hidden": "true" }, el("strong", { class: "condition", ...own() }, condition)) : null;
}

/**
 * Reports whether an element is scrolled out of view, whenever that changes. In browsers that cannot observe it, it
 * always counts as out of view.
 * @param {Element | null} node
 * @param {(isAway: boolean) => void} told
 * @returns {() => void} stops watching
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
