import { el, icon } from "../../dom.js";
import { ratingPage } from "../rating.js";

export { sounds } from "../listening.js";

// A ranking: each sound, once heard, is put at the next rank, and can then be moved by buttons, arrow keys or dragging.

/** @typedef {import("../listening.js").Row<import("../rating.js").Rated>} Row */

/** @param {TrialParts} parts @returns {TrialPage} */
export function trialPage(parts) {
  const said = parts.words.rank;
  const order = orderOf();
  return ratingPage(parts, {
    order: (rows) => [...rows].sort((one, other) => (one.state.rating ?? Infinity) - (other.state.rating ?? Infinity) || 0),
    control(row, { allowed, changed }) {
      const { node, next, up, show } = rankControl(row, said, order, allowed);
      order.all.push({ row, show, changed, node });
      if (order.all.length === parts.trial.candidates.length) order.show();
      return { node, focusable: () => (row.state.rating === null ? next : up) };
    },
    listenFirst: said.listenFirst,
    said: said.placed,
    say: said.say,
    playAndSay: said.playAndSay,
    keys: { arrows: "place", isColumn: true },
  });
}

/** The ranking of the page's sounds. */
function orderOf() {
  /** @type {{row: Row, show: () => void, changed: (value: number) => void, node: HTMLElement}[]} */
  const all = [];
  /** The ranked sounds, first to last. */
  const placed = () => all.filter(({ row }) => row.state.rating !== null).sort((one, other) => Number(one.row.state.rating) - Number(other.row.state.rating));
  const show = () => { for (const one of all) one.show(); };
  return {
    all, placed, show,
    /** @param {Row} row @param {number} place from 1; sounds at and after it move down */
    put(row, place) {
      const order = placed().filter((one) => one.row !== row);
      const moved = all.find((one) => one.row === row);
      if (!moved) return;
      order.splice(Math.min(Math.max(place, 1), order.length + 1) - 1, 0, moved);
      order.forEach((one, i) => { one.row.state.rating = i + 1; });
      show();
      moved.changed(Number(row.state.rating));
    },
  };
}

/** @typedef {ReturnType<typeof orderOf>} Order */

/**
 * The control that ranks a sound.
 * @param {Row} row @param {Words["rank"]} said @param {Order} order @param {() => boolean} allowed
 */
function rankControl(row, said, order, allowed) {
  const { state, position } = row;
  const putNext = () => { if (allowed()) order.put(row, order.placed().length + 1); };
  const number = el("span", { class: "rank" });
  const next = el("button", { type: "button", class: "put", on: { click: putNext } });
  /** @param {"up" | "down"} way @param {string} label @param {number} step */
  const arrow = (way, label, step) => el("button", {
    type: "button", class: "quiet step", "aria-label": label, on: { click: () => order.put(row, Number(state.rating) + step) },
  }, icon(way));
  const up = arrow("up", said.up(position), -1);
  const down = arrow("down", said.down(position), 1);
  const grip = el("span", { class: "grip", "aria-hidden": "true" }, icon("grip"));
  const moving = el("span", { class: "moving" }, up, down, grip);
  const node = el("div", { class: "ranking", on: {
    keydown(event) {
      const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
      if (step === 0) return;
      event.preventDefault();
      if (state.rating === null) putNext();
      else order.put(row, state.rating + step);
    },
  } }, number, next, moving);
  grip.addEventListener("pointerdown", (event) => drag(event, row, order, node));
  const show = () => {
    const held = document.activeElement;
    const last = order.placed().length;
    number.textContent = state.rating === null ? "" : said.place(state.rating);
    next.hidden = state.rating !== null;
    next.textContent = said.put(last + 1);
    next.setAttribute("aria-label", said.putOf(position, last + 1));
    moving.hidden = state.rating === null;
    up.setAttribute("aria-disabled", String(state.rating === 1));
    down.setAttribute("aria-disabled", String(state.rating === last));
    if (held === next && next.hidden) up.focus({ preventScroll: true });
  };
  return { node, next, up, show };
}

/**
 * Follows the pointer from row to row until it is released.
 * @param {PointerEvent} event @param {Row} row @param {Order} order @param {HTMLElement} node the row's
 */
function drag(event, row, order, node) {
  event.preventDefault();
  /** @param {PointerEvent} at */
  const follow = (at) => {
    const under = order.placed().find((one) => {
      const box = one.node.closest("li")?.getBoundingClientRect();
      return box && at.clientY >= box.top && at.clientY < box.bottom;
    });
    if (under && under.row !== row) order.put(row, Number(under.row.state.rating));
  };
  const stop = () => {
    node.closest("li")?.classList.remove("dragged");
    document.removeEventListener("pointermove", follow);
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) document.removeEventListener(name, stop);
  };
  node.closest("li")?.classList.add("dragged");
  document.addEventListener("pointermove", follow);
  for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) document.addEventListener(name, stop);
}
