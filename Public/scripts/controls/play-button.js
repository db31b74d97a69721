import { el, icon } from "../dom.js";

/**
 * A button that starts playback and, while it plays, pulses and stops it. It shows nothing about the sound itself.
 * @param {object} parts
 * @param {string} parts.play its name when silent
 * @param {string} parts.stop its name during playback
 * @param {(event: MouseEvent) => void} parts.press
 * @param {boolean} [parts.wide] whether to show the name beside the icon; otherwise it is for screen readers only
 * @returns {{node: HTMLElement, show: (playing: boolean) => void}}
 */
export function playButton({ play, stop, press, wide = false }) {
  const shown = wide ? el("span", {}, play) : null;
  const node = el("button", { type: "button", class: wide ? "play play-wide" : "play", "aria-label": play, on: { click: press } },
    icon("play"), icon("stop"), shown);
  return {
    node,
    show(playing) {
      node.classList.toggle("playing", playing);
      const name = playing ? stop : play;
      node.setAttribute("aria-label", name);
      if (shown) shown.textContent = name;
    },
  };
}
