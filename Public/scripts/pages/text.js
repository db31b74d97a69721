import { toCopy } from "../controls/copy-button.js";
import { adopt, el } from "../dom.js";
import { page } from "./page.js";

/**
 * A text in the study's words: instructions, or a break. The page gives no answer.
 * @param {object} parts
 * @param {string} parts.heading
 * @param {string} parts.kind
 * @param {string} parts.html
 * @param {Words} parts.words
 * @param {number} [parts.least] how long the page must stay open, in seconds
 * @param {string} [parts.reminder] shown below the text
 * @param {string} [parts.link] a link by which the session can be continued elsewhere
 * @param {string} [parts.code] a code for the same purpose
 * @returns {Page<null>}
 */
export function textPage({ heading, kind, html, words, least = 0, reminder, link, code }) {
  const until = performance.now() + 1000 * least;
  const left = () => {
    const seconds = Math.ceil((until - performance.now()) / 1000);
    return seconds > 10 ? 10 * Math.ceil(seconds / 10) : seconds; // No ticking seconds during a break.
  };
  /** @type {Page<null>} */
  const made = page({
    heading, kind, next: words.goOn, content: [el("div", { class: "prose" }, adopt(html)), reminder ? el("p", {}, reminder) : null, link ? el("div", { class: "later faint" }, ...toCopy({ text: link, label: words.break.later, words })) : null, code ? el("div", { class: "later code faint" }, ...toCopy({ text: code, label: words.break.code, words })) : null], quiet: false,
    missing: () => (left() > 0 ? { text: words.break.wait(left()), focus: () => made.heading } : null),
    answer: () => null,
    leave: () => clearInterval(timer),
  });
  const timer = setInterval(() => {
    made.refresh();
    if (left() <= 0) clearInterval(timer);
  }, 1000);
  return made;
}
