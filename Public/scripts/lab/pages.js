import { get } from "../api.js";
import { el } from "../dom.js";
import { number, table } from "./parts.js";

/** @type {Record<string, string>} */
const names = {
  welcome: "Before the first answer", questionnaire: "Questions", volume: "Volume", headphones: "Headphone check",
  instructions: "Instructions", pause: "Break", trial: "Trial",
};

/** @param {string | undefined} step @param {number} [count] @returns {string} the name of a page */
export const pageName = (step = "", count = 0) => `${names[step] ?? step}${count > 0 ? ` ${count}` : ""}`;

/**
 * Where listeners left, and how long each page took. It is computed only when opened, because that reads every answer.
 * @param {(error: unknown) => void} failed
 */
export function pageFigures(failed) {
  const shown = table("Pages", [["Page"], ["Answered", "number"], ["Left there", "number"], ["Median time", "number"]]);
  const node = el("details", { class: "pages" }, el("summary", {}, "Pages: where listeners left, and how long each took"),
    el("p", { class: "faint" }, "Left there: answered this page and nothing after it, and ended early or were inactive for ten minutes."), shown.node);
  const load = async () => {
    if (!node.open) return;
    try {
      const pages = await get("/lab/api/pages");
      const most = Math.max(0, ...pages.map((page) => page.left));
      shown.show(pages.map((page) => [
        pageName(page.step, page.number), page.step === "welcome" ? `${number(page.answered)} began` : number(page.answered),
        page.left > 0 && page.left === most ? `${number(page.left)} (most)` : number(page.left),
        page.median_seconds === undefined ? "–" : `${number(page.median_seconds, page.median_seconds < 10 ? 1 : 0)} s`,
      ]));
    } catch (error) {
      failed(error);
    }
  };
  node.addEventListener("toggle", load);
  return { node, load };
}
