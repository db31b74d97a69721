import { el, freshId } from "../dom.js";
import { wholeMs } from "../timing.js";
import { listeningPage } from "./listening.js";

// The listener chooses one of the samples after hearing all of them; or neither, if that is permitted.

/**
 * @typedef {object} ChoosingWords
 * @property {string} choose
 * @property {(letter: string) => string} chooseOf
 * @property {string} chosen
 * @property {string} toDo
 * @property {(letter: string) => string} listenFirst
 * @property {string} [neither]
 */

/**
 * @param {TrialParts} parts @param {ChoosingWords} said
 * @param {Words["set"]} [query] the name of the sound beside the samples, if it differs from the material's usual one
 * @returns {TrialPage}
 */
export function choosingPage(parts, said, query) {
  const group = freshId("choice");
  const mayBeNeither = parts.block.allows_neither === true && said.neither !== undefined;
  /** @type {{state: {isNearer: boolean, isNeither: boolean}}[]} */
  const all = [];
  /**
   * @param {string} value @param {string} label @param {boolean} checked @param {string} text
   * @param {() => boolean} allowed @param {() => void} chosen
   */
  const choice = (value, label, checked, text, allowed, chosen) => {
    const input = el("input", { type: "radio", name: group, value, "aria-label": label });
    input.checked = checked;
    // Arrow keys also cause clicks on radio buttons. If it is refused here, the browser undoes the choice.
    input.addEventListener("click", (event) => { if (!allowed()) event.preventDefault(); });
    input.addEventListener("change", chosen);
    return { input, node: el("div", { class: "points choice" }, el("label", { class: "point" }, input, el("span", {}, text))) };
  };
  return listeningPage(parts, {
    words: query,
    blank: { isNearer: false, isNeither: false },
    control(row, { allowed, changed }) {
      all.push(row);
      const { input, node } = choice(row.position, said.chooseOf(row.position), row.state.isNearer, said.choose, allowed, () => {
        for (const { state } of all) {
          state.isNearer = state === row.state;
          state.isNeither = false;
        }
        changed(1);
      });
      return { node, focusable: () => input };
    },
    isSaid: ({ state }) => state.isNearer,
    hear: "all",
    listenFirst: said.listenFirst,
    said: said.chosen,
    open: (rows) => (rows.some(({ state }) => state.isNearer || state.isNeither) ? [] : rows),
    say: () => said.toDo,
    keys: { arrows: "choose" },
    above: null,
    below: mayBeNeither ? ({ allowed, changed }) => {
      const text = said.neither ?? "";
      const isNeither = all.length > 0 && all.every(({ state }) => state.isNeither);
      const { node } = choice("neither", text, isNeither, text, allowed, () => {
        for (const { state } of all) {
          state.isNearer = false;
          state.isNeither = true;
        }
        changed(0);
      });
      return el("div", { class: "neither" }, node);
    } : undefined,
    answer: (rows) => ({
      // Something is chosen, or the page could not be left.
      choice: rows.find(({ state }) => state.isNearer)?.position ?? "neither",
      heard: rows.map(({ position, state }) => ({ position, plays: state.plays, listened_ms: wholeMs(state.listened_ms) })),
    }),
  });
}
