import { playButton } from "../controls/play-button.js";
import { points } from "../controls/points.js";
import { around, el } from "../dom.js";
import { page } from "./page.js";

/**
 * In seconds: the time from the start of one of the three sounds to the start of the next, as the server generates
 * them.
 */
const spacing = 1.5;

/**
 * One round of the headphone check: three sounds, one of which the listener must identify (docs/study.md explains
 * which). The page's answer is its number, from 1.
 * @param {object} parts
 * @param {Server.Round} parts.round
 * @param {number} parts.number of this round, from 1
 * @param {number} parts.count of rounds
 * @param {boolean} parts.isAgain whether this is a further attempt after a failed one
 * @param {"huggins"} [parts.kind]
 * @param {number} [parts.maxPlays]
 * @param {Player} parts.player
 * @param {Words} parts.words
 * @param {(task: () => Promise<void>) => void} parts.sound
 * @returns {Page<number>}
 */
export function headphonesPage({ round, number, count, isAgain, kind, maxPlays = Infinity, player, words, sound }) {
  const asked = round.kind ?? kind;
  const { how, ask, options } = asked ? words.headphones[asked] : { how: words.headphones.how, ask: words.headphones.quietest, options: words.headphones.options };
  const sounds = soundsOf({ audio: round.audio, maxPlays, player, sound, changed: () => look() });
  const button = playButton({ play: words.headphones.play, stop: words.headphones.stop, press: sounds.toggle, wide: true });
  const left = el("p", { class: "faint round" });
  const choice = points({
    label: ask, value: null, points: options.map((text, i) => ({ value: i + 1, text })),
    allowed: () => true, changed: () => made.refresh(),
  });
  const look = () => {
    button.show(player.playing !== null);
    left.textContent = maxPlays < Infinity ? words.trial.playsLeft(Math.max(0, maxPlays - sounds.plays)) : "";
    sounds.follow(Array.from(choice.node.children));
    made.refresh();
  };
  /** @type {Page<number>} */
  const made = page({
    heading: words.headphones.title, kind: "headphones", next: words.next,
    content: [
      number === 1 ? el("p", { class: "why" }, isAgain ? words.headphones.again : words.headphones.why) : null,
      el("p", {}, how), round.kind === "sides" ? el("p", {}, words.headphones.sides.swap) : null,
      el("p", { class: "faint round" }, words.headphones.round(number, count)),
      el("div", { class: "stage" }, button.node), maxPlays < Infinity ? left : null,
      el("p", { class: "ask" }, ask), choice.node,
    ],
    missing() {
      if (!sounds.isHeard) return { text: words.toDo(sounds.plays > 0 ? words.headphones.hearThem : words.headphones.playThem), focus: () => button.node };
      return choice.value === null ? { text: words.toDo(words.headphones.choose), focus: choice.focusable } : null;
    },
    answer: () => /** @type {number} */ (choice.value), // One is selected, or the page could not be left.
    key(event) {
      const chosen = Number(event.key);
      if (event.key === " " && !around(event, "button, input")) {
        event.preventDefault();
        sounds.toggle();
      } else if (chosen >= 1 && chosen <= 3) {
        choice.set(chosen);
        choice.focusable().focus();
        made.refresh();
      }
    },
    leave: sounds.leave,
  });
  look();
  return made;
}

/**
 * The round's three sounds, which form a single file: how often it was played, and whether it was heard.
 * @param {object} parts
 * @param {string} parts.audio
 * @param {number} parts.maxPlays
 * @param {Player} parts.player
 * @param {(task: () => Promise<void>) => void} parts.sound
 * @param {() => void} parts.changed called when playback starts or stops
 */
function soundsOf({ audio, maxPlays, player, sound, changed }) {
  let plays = 0;
  let isHeard = false;
  const begun = () => { plays += 1; };
  /** @param {CustomEvent<{seconds: number}>} event */
  const ended = ({ detail }) => {
    // If it may not be played again, everything that can be heard was heard.
    isHeard ||= detail.seconds > player.lengthOf(audio) - 0.001 || plays >= maxPlays;
  };
  player.addEventListener("start", begun);
  player.addEventListener("end", ended);
  player.addEventListener("change", changed);
  /** @param {Element[]} nodes one per sound, which shows when it plays */
  const follow = (nodes) => {
    const at = player.playing ? player.progress * player.lengthOf(audio) : -1;
    nodes.forEach((node, i) => node.classList.toggle("sounding", at >= i * spacing && at < i * spacing + 1));
    if (player.playing) requestAnimationFrame(() => follow(nodes));
  };
  return {
    get plays() { return plays; },
    get isHeard() { return isHeard; },
    follow,
    toggle() {
      if (player.playing) player.stop();
      else if (plays < maxPlays) sound(() => player.play(audio, { owner: "headphones" }));
    },
    leave() {
      player.removeEventListener("start", begun);
      player.removeEventListener("end", ended);
      player.removeEventListener("change", changed);
    },
  };
}
