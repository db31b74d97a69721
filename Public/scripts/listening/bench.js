import { playButton } from "../controls/play-button.js";
import { region } from "../controls/region.js";
import { el } from "../dom.js";
import { soughtLine } from "./question.js";
import { switchesInPlace } from "./playing.js";

// The area above the samples: the sound they are compared with, its progress, and how they are compared.

/**
 * A switch for playing the loop before each sample, which keeps the listener's choice in all trials.
 * @param {Words["trial"]} said
 * @param {TrialParts["wishes"]} wishes
 */
export function compareSwitch(said, wishes) {
  let isOn = wishes.read("compare") === true;
  const node = el("button", {
    type: "button", role: "switch", class: "switch", "aria-checked": String(isOn), "aria-label": `${said.compare}: ${said.compareHint}`,
    on: {
      click() {
        isOn = !isOn;
        wishes.write("compare", isOn);
        node.setAttribute("aria-checked", String(isOn));
      },
    },
  }, el("span", { class: "knob" }), el("span", {}, said.compare, " ", el("span", { class: "faint" }, said.compareHint)));
  return { node, isOn: () => isOn };
}

/**
 * The line that shows the progress of playback. With versions, listeners can select a region that is repeated.
 * @param {Words["region"]} words
 * @param {[number, number] | null} stretch the region; null if only the loop's progress is shown
 * @param {(stretch: [number, number]) => void} changed
 * @returns {{node: HTMLElement, show: (share: number) => void}}
 */
function progressLine(words, stretch, changed) {
  if (stretch) return region({ words, value: stretch, changed });
  const node = el("span", { class: "progress", "aria-hidden": "true" });
  return { node, show: (share) => node.style.setProperty("--at", share.toFixed(4)) };
}

/**
 * @param {Pick<TrialParts, "trial" | "block" | "words" | "player">} parts
 * @param {object} about
 * @param {Words["trial"]} about.said
 * @param {{region: [number, number]}} about.memory
 * @param {import("./playing.js").Playing} about.playing
 * @param {() => void} about.keep
 * @param {HTMLElement | null} about.beside shown beside the line: how the samples are compared
 * @param {HTMLElement | null} about.above shown above the samples, depending on the trial type
 */
export function benchOf({ trial, block, words, player }, { said, memory, playing, keep, beside, above }) {
  const { query } = trial;
  const isInPlace = switchesInPlace(block);
  const loopButton = playButton({ play: said.playLoop, stop: said.stopLoop, press: playing.pressLoop });
  const line = progressLine(words.region, isInPlace ? memory.region : null, (stretch) => {
    memory.region = stretch;
    keep();
    playing.restart();
  });
  /** Versions that are switched in place share one position. */
  const isOnLine = () => player.playing !== null && (player.playing.url === query || isInPlace);
  const draw = () => {
    if (!isOnLine()) return;
    line.show(player.progress);
    requestAnimationFrame(draw);
  };
  const sought = soughtLine(block.question, trial.condition_text);
  const isBare = query === null && above === null;
  return {
    loopButton: loopButton.node,
    sought,
    node: isBare && !sought ? null : el("div", { class: isBare ? "bench bare" : "bench" },
      query === null ? sought : el("div", { class: "loop" }, loopButton.node, el("span", { class: "loop-name" }, said.loop), sought, line.node,
        block.is_set || block.from_start ? null : el("span", { class: "faint repeats" }, said.repeats), beside),
      above),
    /** @param {import("../player.js").Voice | null} now */
    showPlaying(now) {
      loopButton.show(now !== null && now.url === query);
      if (isOnLine()) requestAnimationFrame(draw);
      else line.show(0);
    },
  };
}
