import { points } from "../controls/points.js";
import { el, own } from "../dom.js";
import { wholeMs } from "../timing.js";
import { listeningPage } from "./listening.js";

// One version, rated in words (ITU-T P.800): on one scale, or on several, as in ITU-T P.835.

/** @typedef {{ratings: Record<string, number>}} Rated by scale */

/**
 * @param {TrialParts} parts
 * @param {{labels: string[], scaleOf: (letter: string) => string}} said
 *   `labels` from best to worst
 * @returns {TrialPage}
 */
export function categoryPage(parts, said) {
  const { words, block } = parts;
  const isOne = !block.scales;
  const scales = block.scales ?? [{ name: "category", question: "", labels: [] }];
  /** @param {Rated} state */
  const open = (state) => scales.filter(({ name }) => state.ratings[name] === undefined);
  return listeningPage(parts, {
    blank: /** @type {Rated} */ ({ ratings: {} }),
    control({ position, state }, { allowed, changed }) {
      const groups = scales.map(({ name, question: asked, labels: given }) => {
        const question = asked || (isOne ? "" : name);
        const labels = given.length > 0 ? given : said.labels;
        const group = points({
          label: question || said.scaleOf(position), value: state.ratings[name] ?? null, isColumn: true, isOwn: given.length > 0, allowed,
          points: labels.map((text, i) => ({ value: labels.length - i, text })),
          changed(value) {
            state.ratings = { ...state.ratings, [name]: value };
            changed(value);
          },
        });
        return { name, group, node: question ? el("div", {}, el("p", { class: "scale-name", "aria-hidden": "true", ...own() }, question), group.node) : group.node };
      });
      const node = groups.length === 1 ? groups[0].node : el("div", { class: "scales" }, ...groups.map((one) => one.node));
      return { node, focusable: () => (groups.find(({ name }) => state.ratings[name] === undefined) ?? groups[0]).group.focusable() };
    },
    isSaid: ({ state }) => open(state).length === 0,
    hear: "each",
    listenFirst: words.trial.listenFirst,
    said: words.trial.rated,
    open: (rows) => rows.filter(({ state }) => open(state).length > 0),
    say: words.trial.toDo.say,
    playAndSay: words.trial.toDo.playAndSay,
    keys: { arrows: "choose", isColumn: true },
    above: null,
    answer: (rows) => ({
      ratings: rows.flatMap(({ position, state }) => scales.map(({ name }) => ({
        position, rating: state.ratings[name], ...(isOne ? {} : { scale: name }), plays: state.plays, listened_ms: wholeMs(state.listened_ms),
      }))),
    }),
  });
}
