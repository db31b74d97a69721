import { el, isMirrored } from "../dom.js";

/** The shortest region, as a share of the sound's length. A shorter one would loop a mere moment. */
const shortest = 0.04;

/**
 * A line that shows the progress of a sound and the region that is played, with two ends to drag, or to move with the
 * arrow keys.
 * @param {object} parts
 * @param {{start: string, end: string, at: (percent: number) => string}} parts.words
 * @param {[number, number]} parts.value shares of the sound's length, from 0 to 1
 * @param {(region: [number, number]) => void} parts.changed called at the end of each movement
 * @returns {{node: HTMLElement, show: (share: number) => void, readonly value: [number, number], set: (region: [number, number]) => void}}
 *   `show` draws the progress within the region
 */
export function region({ words, value, changed }) {
  /** @type {[number, number]} */
  let current = [...value];
  /** @param {string} label @param {string} kind */
  const thumb = (label, kind) => el("span", { class: `end ${kind}`, role: "slider", tabindex: 0, "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100 });
  const ends = [thumb(words.start, "first"), thumb(words.end, "last")];
  const node = el("span", { class: "progress region" }, el("span", { class: "stretch" }), ...ends);

  const draw = () => {
    node.style.setProperty("--from", current[0].toFixed(4));
    node.style.setProperty("--to", current[1].toFixed(4));
    ends.forEach((one, i) => {
      one.setAttribute("aria-valuenow", String(Math.round(current[i] * 100)));
      one.setAttribute("aria-valuetext", words.at(Math.round(current[i] * 100)));
    });
  };
  /** @param {number} which @param {number} share */
  const move = (which, share) => {
    const bounded = which === 0 ? Math.min(Math.max(share, 0), current[1] - shortest) : Math.max(Math.min(share, 1), current[0] + shortest);
    current[which] = bounded;
    draw();
  };
  ends.forEach((one, which) => {
    one.addEventListener("keydown", (event) => {
      const step = event.shiftKey ? 0.1 : 0.01;
      const toRight = isMirrored(node) ? -step : step;
      const to = { ArrowLeft: current[which] - toRight, ArrowDown: current[which] - step, ArrowRight: current[which] + toRight, ArrowUp: current[which] + step, Home: 0, End: 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const before = current[which];
      move(which, to);
      if (current[which] !== before) changed([...current]);
    });
    let grasped = current[which];
    one.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      one.focus({ preventScroll: true });
      one.setPointerCapture(event.pointerId);
      grasped = current[which];
    });
    one.addEventListener("pointermove", (event) => {
      if (!one.hasPointerCapture(event.pointerId)) return;
      const box = node.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      move(which, isMirrored(node) ? 1 - share : share);
    });
    one.addEventListener("lostpointercapture", () => { if (current[which] !== grasped) changed([...current]); });
  });
  draw();
  return {
    node,
    show(share) { node.style.setProperty("--at", (current[0] + share * (current[1] - current[0])).toFixed(4)); },
    get value() { return current; },
    set(next) {
      current = [...next];
      draw();
    },
  };
}
