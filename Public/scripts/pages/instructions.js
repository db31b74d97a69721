import { adopt, el } from "../dom.js";
import { page } from "./page.js";

/**
 * What to do, in the study's words. Tells nothing.
 * @param {{html: string, words: Words}} parts
 * @returns {Page<null>}
 */
export function instructionsPage({ html, words }) {
  return page({
    heading: words.instructions.title, kind: "instructions", next: words.goOn, content: [el("div", { class: "prose" }, adopt(html))],
    answer: () => null,
  });
}
