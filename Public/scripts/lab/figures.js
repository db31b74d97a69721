import { el, fill } from "../dom.js";
import { coverageTable } from "./coverage.js";
import { counted, figure, figures, number, section, share } from "./parts.js";

// Cards with figures: is it running well, how far is it, is the data good. Each one draws itself from a status.

const shownLinks = 5;
/** From so many on, a share is judged: the checks passed, or the finished sessions that are flagged. */
const fewest = 10;
/** Of those who were asked, the least share that should pass a check; of those who finished, the largest that may be flagged. */
const [leastPassed, mostFlagged] = [0.6, 1 / 3];

/** @typedef {{node: HTMLElement, show: (status: Server.Status) => void}} Card */

/** @returns {Card} */
export function runningCard() {
  const now = figure("Taking part now");
  const saves = figure("Saves per minute");
  const errors = figure("Errors");
  const refused = figure("Answers refused");
  const links = el("div", { class: "notes", hidden: true });
  const pace = paceOf();
  return {
    node: section("Is it running well?", figures(now, saves, errors, refused), links),
    show(status) {
      const { records } = status;
      now.show(number(records.active), "active in the last ten minutes");
      saves.show(...pace.of(status.saves));
      errors.show(number(status.errors), "since the server started", status.errors > 0);
      refused.show(number(records.answers_refused), records.events_refused > 0
        ? `and ${counted(records.events_refused, "batch", "batches")} of events; all kept in refused.csv` : "kept in refused.csv",
      records.answers_refused + records.events_refused > 0);
      const spoilt = records.participants.filter((one) => one.link_notes).slice(0, shownLinks);
      links.hidden = records.spoilt_links === 0;
      const noted = [
        `${counted(records.spoilt_links, "listener")} used an incorrect link. They can take part all the same; please fix the link.`,
        ...spoilt.map((one) => `No. ${one.participant}: ${one.link_notes}.`)];
      if (links.textContent !== noted.join("")) {
        fill(links, el("p", {}, noted[0]), el("ul", {}, ...noted.slice(1).map((line) => el("li", {}, line))));
      }
    },
  };
}

/** @param {HTMLElement} pages where listeners left @returns {Card} */
export function progressCard(pages) {
  const finished = figure("Finished");
  const left = figure("Drop-outs");
  const ended = figure("Ended early");
  const minutes = figure("Time needed");
  const ratings = figure("Ratings");
  const coverage = coverageTable();
  return {
    node: section("How far along is it?", figures(finished, left, ended, minutes, ratings), pages, ...coverage.nodes),
    show({ records, places, conditions }) {
      const wanted = places ? `; ${number(places.passed)} of ${counted(places.wanted, "planned listener")} passed; ${number(places.held)} in progress` : "";
      finished.show(number(records.finished), `${records.joined > 0 ? whoFinished(records) : "nobody has begun yet"}${wanted}`);
      left.show(number(records.away), records.away > 0
        ? `inactive for ten minutes; ${number(records.away_before_trials)} left before the first trial` : "inactive for ten minutes");
      ended.show(number(records.ended), "before the last step, and told so");
      minutes.show(Number.isFinite(records.median_minutes) ? `${number(records.median_minutes, 1)} min` : "–", "median of those who finished");
      ratings.show(number(records.ratings), `and ${counted(records.events, "event")} in the log`);
      coverage.show(records.coverage, conditions);
    },
  };
}

/** @param {Server.Overview} records @returns {string} how many finished, of those who began */
function whoFinished({ finished, joined, further_sittings: again, excluded }) {
  return [
    `${number((100 * finished) / joined)} % of the ${number(joined)} who began`,
    ...(again > 0 ? [`${counted(again, "session")} by returning listeners`] : []),
    ...(excluded > 0 ? [`${number(excluded)} excluded`] : []),
  ].join("; ");
}

/** @param {number} passed @param {number} asked */
const isLow = (passed, asked) => asked >= fewest && passed < leastPassed * asked;

/**
 * Which figures say that the data may be bad.
 * @param {Server.Overview} records
 */
const doubtful = ({ checks, finished, flagged }) => ({
  headphones: isLow(checks.headphones_passed, checks.headphones), catches: isLow(checks.catches_passed, checks.catches),
  flagged: finished >= fewest && flagged > mostFlagged * finished,
});

/**
 * Why the data may be bad, in words. They contain no figures, which a screen reader would read at every change.
 * @param {Server.Overview} records
 * @returns {string[]}
 */
export function doubts(records) {
  const { headphones, catches, flagged } = doubtful(records);
  return [
    ...(headphones ? ["too few listeners pass the headphone check"] : []), ...(catches ? ["too few attention checks are passed"] : []),
    ...(flagged ? ["more than a third of the finished sessions are flagged"] : [])];
}

/** @returns {Card} */
export function qualityCard() {
  const headphones = figure("Headphone check passed");
  const catches = figure("Attention checks passed");
  const flagged = figure("Flagged");
  const repeats = figure("Difference on repeats");
  const low = `; below ${number(100 * leastPassed)}\u00a0%`;
  return {
    node: section("Are the data good?", figures(headphones, catches, flagged, repeats)),
    show({ records }) {
      const { checks, finished } = records;
      const bad = doubtful(records);
      headphones.show(share(checks.headphones_passed, checks.headphones),
        `${number(checks.headphones_passed)} of ${counted(checks.headphones, "listener")}${bad.headphones ? low : ""}`, bad.headphones);
      catches.show(share(checks.catches_passed, checks.catches),
        `${number(checks.catches_passed)} of ${number(checks.catches)} answered correctly${bad.catches ? low : ""}`, bad.catches);
      flagged.show(finished > 0 ? number(records.flagged) : "–", finished > 0
        ? `of the ${number(finished)} who finished, by the study's rules${bad.flagged ? "; more than a third" : ""}` : "nobody has finished yet", bad.flagged);
      repeats.show(share(checks.repeat_difference ?? 0, checks.repeats > 0 ? 1 : 0), checks.repeats > 0
        ? `of the scale, between two ratings of the same sample (${counted(checks.repeats, "page")} shown twice)` : "no page has been rated twice yet");
    },
  };
}

/** Turns a running total into the count of the last minute, and compares it with the minute before. */
function paceOf() {
  /** @type {[number, number][]} time and total, oldest first */
  const seen = [];
  return {
    /** @param {number} total @returns {[string, string]} */
    of(total) {
      const now = Date.now();
      if (seen.length > 0 && total < seen[seen.length - 1][1]) seen.length = 0; // The server was restarted.
      seen.push([now, total]);
      while (seen.length > 1 && seen[1][0] <= now - 120_000) seen.shift();
      /** @param {number} ms */
      const since = (ms) => total - (seen.find(([time]) => time >= now - ms) ?? seen[0])[1];
      const last = since(60_000);
      if (now - seen[0][0] < 90_000) return [number(last), "seen since this page was opened"];
      const before = since(120_000) - last;
      return [number(last), last > before ? `↑ from ${number(before)} the minute before` : last < before ? `↓ from ${number(before)} the minute before` : "as in the minute before"];
    },
  };
}
