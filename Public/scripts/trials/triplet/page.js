import { el, freshId } from "../../dom.js";
import { wholeMs } from "../../timing.js";
import { listeningPage } from "../listening.js";

export { sounds } from "../listening.js";

// Two samples beside the loop: one of them is nearer. It is chosen once both were heard.

/** @param {TrialParts} parts @returns {TrialPage} */
export function trialPage(parts) {
  const said = parts.words.triplet;
  const group = freshId("nearer");
  /** @type {{state: {isNearer: boolean}}[]} */
  const all = [];
  return listeningPage(parts, {
    blank: { isNearer: false },
    control(row, { allowed, changed }) {
      all.push(row);
      const input = el("input", { type: "radio", name: group, value: row.position, "aria-label": said.chooseOf(row.position) });
      input.checked = row.state.isNearer;
      // A click is also what arrow keys make of a radio button; refused here, the browser takes the choice back.
      input.addEventListener("click", (event) => { if (!allowed()) event.preventDefault(); });
      input.addEventListener("change", () => {
        for (const { state } of all) state.isNearer = state === row.state;
        changed(1);
      });
      const node = el("div", { class: "points touched" }, el("label", { class: "point" }, input, el("span", {}, said.choose)));
      return { node, focusable: () => input };
    },
    isSaid: ({ state }) => state.isNearer,
    hear: "all",
    listenFirst: said.listenFirst,
    said: said.chosen,
    open: (rows) => (rows.some(({ state }) => state.isNearer) ? [] : rows),
    say: () => said.missing,
    keysLine: said.keysLine,
    keys: said.keys,
    above: null,
    answer: (rows) => ({
      // One is chosen, or the page would not be left.
      choice: /** @type {typeof rows[0]} */ (rows.find(({ state }) => state.isNearer)).position,
      heard: rows.map(({ position, state }) => ({ position, plays: state.plays, listened_ms: wholeMs(state.listened_ms) })),
    }),
  });
}
