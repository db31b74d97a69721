import { el, fill } from "../dom.js";
import { counted, number } from "./parts.js";

/**
 * How many pages have been answered for each query and condition: one row per query, one column per condition. The more
 * answers, the deeper a cell's tint.
 */
export function coverageTable() {
  const words = el("p", {});
  const box = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Answered pages by query and condition" });
  let shown = "";
  return {
    nodes: [words, box],
    /**
     * @param {{query: string, condition: string, pages: number}[]} cells
     * @param {Record<string, string>} names the conditions in words
     */
    show(cells, names) {
      const now = JSON.stringify([cells, names]);
      if (now === shown) return; // Rebuilding the table would scroll it back while someone reads it.
      shown = now;
      const pages = cells.map((cell) => cell.pages);
      const most = Math.max(1, ...pages);
      words.textContent = summary(pages);
      const queries = [...new Set(cells.map((cell) => cell.query))];
      const conditions = [...new Set(cells.map((cell) => cell.condition))];
      const at = new Map(cells.map((cell) => [JSON.stringify([cell.query, cell.condition]), cell.pages]));
      fill(box, el("table", { class: "coverage" },
        el("caption", { class: "hidden" }, "Answered pages by query and condition"),
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Query"),
          ...conditions.map((name) => el("th", { scope: "col", class: "number" }, names[name] ?? name)))),
        el("tbody", {}, ...queries.map((query) => el("tr", {}, el("th", { scope: "row" }, query),
          ...conditions.map((condition) => {
            const count = at.get(JSON.stringify([query, condition]));
            const cell = el("td", { class: "number" }, count === undefined ? "" : number(count));
            if (count !== undefined) cell.style.setProperty("--at", String(count / most));
            return cell;
          }))))));
    },
  };
}

/** @param {number[]} pages @returns {string} */
function summary(pages) {
  if (pages.length === 0) return "This study has no pages to answer.";
  const least = Math.min(...pages), most = Math.max(...pages), missing = pages.filter((count) => count === 0).length;
  if (most === 0) return "No page has been answered yet.";
  if (missing > 0) return `${number(missing)} of ${number(pages.length)} pairs of query and condition ${missing === 1 ? "has" : "have"} not been answered yet.`;
  return `For each query and condition, ${least === most ? "" : `${number(least)} to `}${counted(most, "page")} ${most === 1 ? "has" : "have"} been answered.`;
}
