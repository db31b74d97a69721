import { playButton } from "../controls/play-button.js";
import { points } from "../controls/points.js";
import { around, el } from "../dom.js";
import { page } from "./page.js";

/**
 * One round of the headphone check (after Woods et al. 2017): three tones, of which one is quieter on headphones and
 * another one on loudspeakers. Tells the number of the interval chosen, from 1.
 * @param {object} parts
 * @param {Server.Round} parts.round
 * @param {number} parts.number of this round, from 1
 * @param {number} parts.count of rounds
 * @param {Player} parts.player
 * @param {Words} parts.words
 * @param {(task: () => Promise<void>) => void} parts.sound
 * @returns {Page<number>}
 */
export function headphonesPage({ round, number, count, player, words, sound }) {
  let heard = false;
  const toggle = () => {
    if (player.playing) player.stop();
    else sound(() => player.play(round.audio, { owner: "headphones" }));
  };
  const button = playButton({ play: words.headphones.play, stop: words.headphones.stop, press: toggle, wide: true });
  const choice = points({
    label: words.headphones.quietest, value: null,
    points: words.headphones.options.map((text, i) => ({ value: i + 1, text })),
    allowed: () => true, changed: () => made.refresh(),
  });
  const look = () => {
    heard ||= player.playing !== null;
    button.show(player.playing !== null);
    made.refresh();
  };
  player.addEventListener("change", look);
  /** @type {Page<number>} */
  const made = page({
    heading: words.headphones.title, kind: "headphones", next: words.next,
    content: [
      number === 1 ? el("p", { class: "why" }, words.headphones.why) : null,
      el("p", {}, words.headphones.how),
      el("p", { class: "faint round" }, words.headphones.round(number, count)),
      el("div", { class: "stage" }, button.node),
      el("p", { class: "ask" }, words.headphones.quietest), choice.node,
    ],
    missing() {
      if (!heard) return { text: words.toDo(words.headphones.playThem), focus: () => button.node };
      return choice.value === null ? { text: words.toDo(words.headphones.choose), focus: choice.focusable } : null;
    },
    answer: () => /** @type {number} */ (choice.value), // One is chosen, or the page would not be left.
    key(event) {
      const chosen = Number(event.key);
      if (event.key === " " && !around(event, "button, input")) {
        event.preventDefault();
        toggle();
      } else if (chosen >= 1 && chosen <= 3) {
        choice.set(chosen);
        choice.focusable().focus();
        made.refresh();
      }
    },
    leave: () => player.removeEventListener("change", look),
  });
  return made;
}
