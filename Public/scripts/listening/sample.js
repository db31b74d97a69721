import { playButton } from "../controls/play-button.js";
import { el } from "../dom.js";

// A sample on the page: its play button, the control to judge it, and its status; and the list of samples.

/**
 * @template Said
 * @typedef {import("../trials/listening.js").Row<Said>} Row
 */

/**
 * @template Said
 * @typedef {Row<Said> & {
 *   audio: string, button: ReturnType<typeof playButton>, control: {node: HTMLElement, focusable: () => HTMLElement}, node: HTMLElement,
 *   refresh: () => void, showPlaying: (now: import("../player.js").Voice | null) => void,
 * }} Sample `refresh` shows what was heard and said about it, `showPlaying` what plays
 */

/**
 * @template Said
 * @param {{position: string, audio: string}} candidate
 * @param {object} about
 * @param {Row<Said>["state"]} about.state
 * @param {import("../trials/listening.js").Asking<Said, any>} about.asking
 * @param {Words["trial"]} about.said
 * @param {import("./hearing.js").Hearing} about.hearing
 * @param {(sample: Sample<Said>) => void} about.press called by the play button
 * @param {(sample: Sample<Said>) => boolean} about.allowed
 * @param {(value: number) => void} about.changed
 * @returns {Sample<Said>}
 */
export function sampleRow({ position, audio }, { state, asking, said, hearing, press, allowed, changed }) {
  const isHeard = () => hearing.isHeard(state);
  const button = playButton({ play: said.play(position), stop: said.stop(position), press(event) {
    press(sample);
    // After a mouse click on the button, space still plays the loop, and the arrows still move the scale. Clicks from
    // the keyboard do not count.
    if (event.detail > 0) control.focusable().focus({ preventScroll: true });
  } });
  const control = asking.control({ position, state, isHeard }, { allowed: () => allowed(sample), changed });
  const status = el("span", { class: "status" });
  const node = el("li", { class: "sample" }, button.node, el("span", { class: "letter", "aria-hidden": "true" }, position), control.node, status);
  /** @type {Sample<Said>} */
  const sample = {
    position, audio, state, isHeard, button, control, node,
    refresh() {
      const isSaid = asking.isSaid(sample);
      const left = hearing.playsLeft(state);
      const text = isSaid ? asking.said : left < Infinity ? said.playsLeft(left) : isHeard() ? said.heard : said.notHeard;
      if (status.textContent !== text) status.textContent = text;
      node.classList.toggle("heard", isHeard());
      node.classList.toggle("rated", isSaid);
    },
    showPlaying(now) {
      button.show(now?.owner === position);
      node.classList.toggle("sounding", now?.url === audio);
    },
  };
  return sample;
}

/**
 * The list of samples on the page.
 * @template Said
 * @param {(Row<Said> & {node: HTMLElement})[]} rows
 * @param {Pick<import("../trials/listening.js").Asking<Said, any>, "order" | "score">} asking
 * @param {string} sort the label of the button that sorts
 */
export function sampleList(rows, { order, score }, sort) {
  const node = el("ul", { class: "samples" }, ...rows.map((row) => row.node));
  return {
    node,
    /** Sorting never happens by itself, so that no row moves away from under the finger that rates it. */
    sortButton: score ? el("button", { type: "button", class: "quiet sort", on: {
      click() {
        const scored = rows.map((row) => ({ row, score: score(row) ?? -Infinity })).sort((one, other) => other.score - one.score);
        node.append(...scored.map(({ row }) => row.node));
      },
    } }, sort) : null,
    /** Arranges the rows as the type wants. A row that moves keeps the focus within it. */
    arrange() {
      const wanted = (order?.(rows) ?? []).flatMap(({ position }) => rows.find((row) => row.position === position)?.node ?? []);
      if (wanted.every((one, i) => node.children[i] === one)) return;
      const held = document.activeElement;
      node.append(...wanted);
      if (held instanceof HTMLElement && node.contains(held)) held.focus({ preventScroll: true });
    },
  };
}
