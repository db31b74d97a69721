import { around, el, showDialog } from "../dom.js";

// The keyboard shortcuts of a page with a few samples (space, letters, Escape and ?): what they do, and the texts that
// explain them.

/**
 * What the keys do besides playing.
 * @typedef {object} Keys
 * @property {"rate" | "choose" | "place"} arrows
 * @property {boolean} [isColumn] whether the arrows used are up and down
 * @property {boolean} [isSlider] whether there are keys for large steps and for the ends
 * @property {boolean} [hasLists] whether Enter opens lists
 */

/**
 * The explanation of the keys: a short line, and a dialog with details.
 * @param {Words["keys"]} words
 * @param {string[]} positions
 * @param {Keys} keys
 * @param {{space: "loop" | "reference" | "x" | "latest", letters: "samples" | "versions" | "sounds", hasCompare: boolean, hasRegion: boolean}} playing
 */
export function keyGuide(words, positions, keys, playing) {
  const told = keyWords(words, positions, keys, playing);
  const dialog = el("dialog", { class: "keys-help", "aria-label": words.title },
    el("h2", {}, words.title),
    el("dl", {}, ...told.all.flatMap(([key, what]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)])),
    el("button", { type: "button", class: "primary", on: { click() { showDialog(dialog, false); } } }, words.close));
  const open = () => showDialog(dialog, true);
  const line = el("p", { class: "keys" }, ...told.line.flatMap(([key, what]) => {
    const shown = el("span", { class: "key" }, el("kbd", {}, key), " ", what);
    return key === "?" ? [el("button", { type: "button", class: "quiet key", on: { click: open } }, ...shown.childNodes)] : [shown];
  }));
  return { line, dialog, open };
}

/**
 * What the keys do, in short and in detail.
 * @param {Words["keys"]} said @param {string[]} positions @param {Keys} keys @param {Parameters<typeof keyGuide>[3]} playing
 * @returns {{line: string[][], all: string[][]}}
 */
function keyWords(said, positions, { arrows, isColumn, isSlider, hasLists }, { space, letters, hasCompare, hasRegion }) {
  const [first, last] = [positions[0], positions[positions.length - 1]];
  const named = positions.length < 3 ? positions.join(", ") : `${first}–${last}`;
  return {
    line: [
      [said.space, said.line[space]], [named, said.line[letters]], [isColumn ? "↑ ↓" : "← →", said.line[arrows]],
      ...(hasLists ? [] : [[said.enter, said.line.next]]), ["?", said.line.help],
    ],
    all: [
      [said.space, said[space]], [named, said[letters]], ...(hasCompare ? [[`${said.shift} + ${named}`, said.withLoop]] : []),
      [`${said.shift} + ${said.space}`, said.switch], [isColumn ? "↑ ↓" : "← → ↑ ↓", said[arrows]],
      ...(isSlider ? [[`${said.shift} + ${said.arrow}`, said.largeSteps], [said.ends, said.toTheEnds]] : []),
      ...(hasRegion ? [[said.onTheLine, said.region]] : []), ...(hasLists ? [] : [[said.enter, said.next]]), ["Esc", said.quiet],
    ],
  };
}

/**
 * @template {import("./playing.js").Playable & {control: {focusable: () => HTMLElement}, node: HTMLElement}} Sample
 * @param {object} about
 * @param {Sample[]} about.samples
 * @param {import("./playing.js").Playing} about.playing
 * @param {{isOn: () => boolean}} about.compare
 * @param {{open: () => void}} about.guide
 * @param {Player} about.player
 * @returns {(event: KeyboardEvent) => void}
 */
export function keyHandler({ samples, playing, compare, guide, player }) {
  return (event) => {
    const sample = samples.find((one) => one.position === event.key.toUpperCase());
    if (sample) {
      event.preventDefault();
      playing.play(sample, compare.isOn() !== event.shiftKey);
      sample.control.focusable().focus({ preventScroll: true });
      sample.node.scrollIntoView({ block: "nearest" });
    } else if (event.key === " " && !around(event, "button")) {
      if (around(event, "input[type=radio]:not(:checked)")) return; // On a radio button, it selects the point.
      event.preventDefault();
      if (event.shiftKey) playing.pressSwitch();
      else playing.pressLoop();
    } else if (event.key === "Escape") {
      player.stop();
    } else if (event.key === "?") {
      event.preventDefault();
      guide.open();
    }
  };
}
