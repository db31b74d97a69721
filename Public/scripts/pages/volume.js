import { playButton } from "../controls/play-button.js";
import { around, el } from "../dom.js";
import { page } from "./page.js";

/**
 * Lets the listener set the volume once, with a loop. The page gives no answer.
 * @param {object} parts
 * @param {string} parts.audio
 * @param {Player} parts.player
 * @param {Words} parts.words
 * @param {(task: () => Promise<void>) => void} parts.sound runs playback, and shows a message if it fails
 * @returns {Page<null>}
 */
export function volumePage({ audio, player, words, sound }) {
  let heard = false;
  const toggle = () => {
    if (player.playing) player.stop();
    else sound(() => player.play(audio, { owner: "volume", loop: true }));
  };
  const button = playButton({ play: words.volume.play, stop: words.volume.stop, press: toggle, wide: true });
  const look = () => {
    heard ||= player.playing !== null;
    button.show(player.playing !== null);
    made.refresh();
  };
  player.addEventListener("change", look);
  /** @type {Page<null>} */
  const made = page({
    heading: words.volume.title, kind: "volume", next: words.next,
    content: [el("p", { class: "why" }, words.volume.why), el("p", {}, words.volume.how), el("div", { class: "stage" }, button.node)],
    missing: () => (heard ? null : { text: words.toDo(words.volume.toDo), focus: () => button.node }),
    answer: () => null,
    key(event) {
      if (event.key !== " " || around(event, "button")) return;
      event.preventDefault();
      toggle();
    },
    leave: () => player.removeEventListener("change", look),
  });
  return made;
}
