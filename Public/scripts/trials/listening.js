import { el, freshId, send } from "../dom.js";
import { benchOf, compareSwitch } from "../listening/bench.js";
import { hearingOf } from "../listening/hearing.js";
import { keyGuide, keyHandler } from "../listening/keys.js";
import { memoryOf } from "../listening/memory.js";
import { playingOf, switchesInPlace, watchPlayer } from "../listening/playing.js";
import { questionLine, whenAway } from "../listening/question.js";
import { sampleList, sampleRow } from "../listening/sample.js";
import { toDo } from "../listening/to-do.js";
import { page } from "../pages/page.js";

export { sounds } from "../listening/playing.js";

// What trial types with a few samples have in common: playing, comparing, tracking what was heard and what is missing,
// keyboard shortcuts (space, letters, Enter, ?), and keeping the state of an unfinished page. Beside the samples there
// may be a sound to compare them with: a loop or, for versions of the same material, the reference. Versions run
// together, and the listener switches between them during playback. The parts are in ../listening.

/**
 * The state of a sample.
 * @template Said what its type stores about it
 * @typedef {Said & import("../listening/hearing.js").Listened} State
 */

/**
 * @template Said
 * @typedef {object} Row
 * @property {string} position
 * @property {State<Said>} state
 * @property {() => boolean} isHeard
 */

/**
 * What a trial type adds to the page.
 * @template Said
 * @template Told
 * @typedef {object} Asking
 * @property {Said} blank the state of a sample about which nothing was said yet
 * @property {(row: Row<Said>, about: {allowed: () => boolean, changed: (value: number) => void}) => {node: HTMLElement, focusable: () => HTMLElement}} control
 *   the control that judges a sample: it calls `allowed` first, which explains a refusal, and then `changed` with the
 *   value
 * @property {(row: Row<Said>) => boolean} isSaid
 * @property {"each" | "all"} hear what must be heard before a sample is judged: that one, or all
 * @property {(letter: string) => string} listenFirst the message to listeners who judge too early
 * @property {string} said the status of a sample that was judged
 * @property {(rows: Row<Said>[]) => Row<Said>[]} open the samples that are still to be judged
 * @property {(list: string) => string} say what to do with them
 * @property {(list: string) => string} [playAndSay] what to do with those that were not heard yet either
 * @property {Partial<Words["trial"] & Words["set"]>} [words] replacements for messages that all types share
 * @property {import("../listening/keys.js").Keys} keys
 * @property {HTMLElement | null} above shown above the samples
 * @property {(about: {allowed: () => boolean, changed: (value: number) => void}) => HTMLElement} [below] shown below the
 *   samples, for judgements about all of them
 * @property {(row: Row<Said>) => number | null} [score] by which the samples can be sorted, the highest first
 * @property {(rows: Row<Said>[]) => Row<Said>[]} [order] their order after each judgement
 * @property {(rows: Row<Said>[]) => Told} answer
 */

/**
 * @template Said
 * @template Told
 * @param {TrialParts} parts
 * @param {Asking<Said, Told>} asking
 * @returns {Page<Told & {response_ms: number, comment?: string}>}
 */
export function listeningPage(parts, asking) {
  const { trial, block, words, player } = parts;
  const said = wordsOf(parts, asking);
  const memory = memoryOf(parts.draft, asking.blank);
  const hearing = hearingOf(block, memory.loop);
  const compare = compareSwitch(said, parts.wishes);
  const gate = gateOf(parts, asking);
  /** @param {string} [stimulus] the sample that was judged; none for all of them @returns {(value: number) => void} */
  const changed = (stimulus) => (value) => {
    parts.note("rate", { trial: trial.index, stimulus, value });
    keep();
  };
  /** @type {import("../listening/sample.js").Sample<Said>[]} */
  const rows = trial.candidates.map((candidate) => sampleRow(candidate, {
    state: memory.sample(candidate.position), asking, said, hearing, press: (row) => playing.press(row, compare.isOn()),
    allowed: (row) => gate.isPlaying(row) && gate.areHeard(asking.hear === "all" ? rows : [row]), changed: changed(candidate.position),
  }));
  const playing = playingOf(parts, { samples: rows, memory, hearing, spent: said.spent });
  const list = sampleList(rows, asking, said.sort);
  const bench = benchOf(parts, { said, memory, playing, keep: () => keep(), beside: block.is_aligned ? list.sortButton : compare.node, above: asking.above });
  const guide = keyGuide(words.keys, rows.map((row) => row.position), asking.keys, playedBy(parts, said));
  const comment = block.takes_comments ? commentField(said, words, memory, () => keep()) : null;
  /** @type {Page<Told & {response_ms: number, comment?: string}>} */
  const made = page({
    heading: questionLine(block.question, trial.condition_text), kind: "trial", next: words.next, quiet: false,
    content: [
      parts.remark ? el("p", { class: "remark" }, parts.remark) : null,
      bench.node, list.node, trial.query === null ? list.sortButton : null,
      asking.below?.({ allowed: () => gate.areHeard(rows), changed: changed() }) ?? null, comment,
    ],
    after: [guide.line, guide.dialog],
    missing: () => missing(parts, asking, { said, rows, loop: memory.loop, hearing, bench }),
    answer() {
      player.stop(); // A sound that still plays counts as heard up to now.
      return { response_ms: memory.elapsed(), ...(memory.comment ? { comment: memory.comment } : {}), ...asking.answer(rows) };
    },
    key: keyHandler({ samples: rows, playing, compare, guide, player }),
    leave() {
      player.stop();
      for (const end of ends) end();
    },
  });
  const refresh = () => {
    for (const row of rows) row.refresh();
    list.arrange();
    made.refresh();
  };
  const keep = () => { memory.keep(); refresh(); };
  const showPlaying = () => { for (const one of [bench, ...rows]) one.showPlaying(player.playing); };
  const ends = [
    everyFewSeconds(keep),
    watchPlayer(parts, { samples: rows, loop: memory.loop, hearing, playing, counted: keep, enough: refresh, changed: showPlaying }),
    bench.sought ? whenAway(made.heading.querySelector(".condition"), (isAway) => made.node.classList.toggle("scrolled", isAway)) : () => {},
  ];
  refresh();
  return made;
}

/**
 * The messages that all types share, replaced by those for the material, and those by the type's own.
 * @param {Pick<TrialParts, "words" | "block">} parts @param {Pick<Asking<any, any>, "words">} asking
 * @returns {Words["trial"] & {toDoLoop?: string}}
 */
function wordsOf({ words, block }, asking) {
  return { ...words.trial, ...(block.is_aligned ? words.versions : block.is_set ? words.set : {}), ...asking.words };
}

/**
 * What the keys play.
 * @param {Pick<TrialParts, "trial" | "words" | "block">} parts @param {Words["trial"]} said
 * @returns {Parameters<typeof keyGuide>[3]}
 */
function playedBy({ trial: { query }, words, block }, said) {
  const isAligned = block.is_aligned === true, isInPlace = switchesInPlace(block);
  return {
    space: query === null ? "latest" : said.loop === words.set.loop ? "x" : isAligned ? "reference" : "loop",
    letters: isInPlace ? "versions" : query === null || block.is_set || isAligned ? "sounds" : "samples",
    hasCompare: query !== null && !isAligned, hasRegion: query !== null && isInPlace,
  };
}

/**
 * Holds back listeners who judge too early: says what to hear first, and takes them there.
 * @param {Pick<TrialParts, "block" | "player" | "say">} parts @param {Pick<Asking<any, any>, "listenFirst">} asking
 */
function gateOf({ block, player, say }, asking) {
  /** @typedef {Pick<Row<any>, "position" | "isHeard"> & {button: {node: HTMLElement}}} Held */
  /** @param {Held} row */
  const refuse = (row) => {
    say(asking.listenFirst(row.position));
    send(row.button.node);
    return false;
  };
  return {
    /** @param {Held} row which may have to be playing while it is judged */
    isPlaying: (row) => !block.while_playing || player.playing?.owner === row.position || refuse(row),
    /** @param {Held[]} rows */
    areHeard(rows) {
      const unheard = rows.find((row) => !row.isHeard());
      return !unheard || refuse(unheard);
    },
  };
}

/**
 * @template Said
 * @param {TrialParts} parts @param {Asking<Said, any>} asking
 * @param {object} about
 * @param {Words["trial"] & {toDoLoop?: string}} about.said
 * @param {(Row<Said> & {button: {node: HTMLElement}, control: {focusable: () => HTMLElement}})[]} about.rows
 * @param {import("../listening/hearing.js").Listened} about.loop
 * @param {import("../listening/hearing.js").Hearing} about.hearing
 * @param {{loopButton: HTMLElement}} about.bench
 * @returns {import("../pages/page.js").Missing | null}
 */
function missing(parts, asking, { said, rows, loop, hearing, bench }) {
  const open = asking.open(rows);
  const isLoopOpen = parts.trial.query !== null && !hearing.isHeard(loop);
  if (!isLoopOpen && open.length === 0) return null;
  return {
    text: toDo(parts, { asking, said: said.toDo, loop: isLoopOpen ? said.toDoLoop ?? said.toDo.loop : null, rows, open, hearing }),
    focus() {
      if (isLoopOpen) return bench.loopButton;
      const [next] = [...(asking.hear === "all" ? rows.filter((row) => !row.isHeard()) : []), ...open];
      const row = rows.find(({ position }) => position === next.position);
      return row?.isHeard() ? row.control.focusable() : row?.button.node;
    },
  };
}

/**
 * A field for comments.
 * @param {Words["trial"]} said @param {Words} words @param {{comment: string}} memory @param {() => void} keep
 */
function commentField(said, words, memory, keep) {
  const field = el("textarea", { id: freshId("comment"), rows: 2, maxlength: 5000, on: {
    input() {
      memory.comment = field.value;
      keep();
    },
  } });
  field.value = memory.comment;
  return el("p", { class: "comment" }, el("label", { for: field.id }, said.comment, " ", el("span", { class: "faint" }, words.questionnaire.optional)), field);
}

/**
 * Saves regularly, so that a reload loses at most a few seconds of the time spent.
 * @param {() => void} keep
 * @returns {() => void} stops saving
 */
function everyFewSeconds(keep) {
  const keeping = setInterval(keep, 5000);
  return () => clearInterval(keeping);
}
