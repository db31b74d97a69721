import { el, freshId } from "../dom.js";
import { wholeMs } from "../timing.js";
import { listeningPage } from "./listening.js";

// One of the samples is chosen, once all were heard; or neither, where that may be said.

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
 * @param {Words["set"]} [query] what the sound beside the samples is called, where the material does not say it
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
    // A click is also what arrow keys make of a radio button; refused here, the browser takes the choice back.
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
      // Something is chosen, or the page would not be left.
      choice: rows.find(({ state }) => state.isNearer)?.position ?? "neither",
      heard: rows.map(({ position, state }) => ({ position, plays: state.plays, listened_ms: wholeMs(state.listened_ms) })),
    }),
  });
}
