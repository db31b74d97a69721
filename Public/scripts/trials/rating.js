import { wholeMs } from "../timing.js";
import { listeningPage } from "./listening.js";

// A number for each sample.

/** @typedef {{rating: number | null}} Rated */

/**
 * @param {TrialParts} parts
 * @param {Pick<import("./listening.js").Asking<Rated, any>, "control" | "keys"> & Partial<import("./listening.js").Asking<Rated, any>>} asking
 *   `changed` in its control stores the number
 * @returns {TrialPage}
 */
export function ratingPage(parts, asking) {
  const said = parts.words.trial;
  return listeningPage(parts, {
    blank: /** @type {Rated} */ ({ rating: null }),
    isSaid: ({ state }) => state.rating !== null,
    hear: "each",
    listenFirst: said.listenFirst,
    said: said.rated,
    open: (rows) => rows.filter(({ state }) => state.rating === null),
    say: said.toDo.say,
    playAndSay: said.toDo.playAndSay,
    above: null,
    answer: (rows) => ({
      // All are rated, or the page could not be left.
      ratings: rows.map(({ position, state }) => ({
        position, rating: /** @type {number} */ (state.rating), plays: state.plays, listened_ms: wholeMs(state.listened_ms),
      })),
    }),
    ...asking,
    control: (row, { allowed, changed }) => asking.control(row, {
      allowed,
      changed(value) {
        row.state.rating = value;
        changed(value);
      },
    }),
  });
}
