import { adopt, el } from "../dom.js";
import { page } from "./page.js";

/**
 * A text in the study's words: what to do, or a rest. Tells nothing.
 * @param {{heading: string, kind: string, html: string, words: Words}} parts
 * @returns {Page<null>}
 */
export function textPage({ heading, kind, html, words }) {
  return page({ heading, kind, next: words.goOn, content: [el("div", { class: "prose" }, adopt(html))], answer: () => null });
}
