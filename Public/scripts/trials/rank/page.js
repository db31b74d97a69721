import { el, icon } from "../../dom.js";
import { ratingPage } from "../rating.js";

export { sounds } from "../listening.js";

// An order: each sound is put at the next place once it was heard, and can then be moved, by buttons, arrow keys or dragging.

/** @typedef {import("../listening.js").Row<import("../rating.js").Rated>} Row */

/** @param {TrialParts} parts @returns {TrialPage} */
export function trialPage(parts) {
  const said = parts.words.rank;
  /** @type {{row: Row, show: () => void, changed: (value: number) => void, node: HTMLElement}[]} */
  const all = [];
  const placed = () => all.filter(({ row }) => row.state.rating !== null).sort((one, other) => Number(one.row.state.rating) - Number(other.row.state.rating));

  /** @param {Row} row @param {number} place from 1; those at and behind it make room */
  const put = (row, place) => {
    const order = placed().filter((one) => one.row !== row);
    const moved = all.find((one) => one.row === row);
    if (!moved) return;
    order.splice(Math.min(Math.max(place, 1), order.length + 1) - 1, 0, moved);
    order.forEach((one, i) => { one.row.state.rating = i + 1; });
    for (const one of all) one.show();
    moved.changed(Number(row.state.rating));
  };

  return ratingPage(parts, {
    order: (rows) => [...rows].sort((one, other) => (one.state.rating ?? Infinity) - (other.state.rating ?? Infinity) || 0),
    control(row, { allowed, changed }) {
      const { state, position } = row;
      const number = el("span", { class: "rank" });
      const next = el("button", { type: "button", class: "put", on: { click: () => { if (allowed()) put(row, placed().length + 1); } } });
      /** @param {"up" | "down"} way @param {string} label @param {number} step */
      const arrow = (way, label, step) => el("button", {
        type: "button", class: "quiet step", "aria-label": label, on: { click: () => put(row, Number(state.rating) + step) },
      }, icon(way));
      const up = arrow("up", said.up(position), -1);
      const down = arrow("down", said.down(position), 1);
      const grip = el("span", { class: "grip", "aria-hidden": "true" }, icon("grip"));
      grip.addEventListener("pointerdown", drag);
      const moving = el("span", { class: "moving" }, up, down, grip);
      const node = el("div", { class: "ranking" }, number, next, moving);
      node.addEventListener("keydown", onKey);

      /** @param {KeyboardEvent} event */
      function onKey(event) {
        const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
        if (step === 0) return;
        event.preventDefault();
        if (state.rating !== null) put(row, state.rating + step);
        else if (allowed()) put(row, placed().length + 1);
      }
      /**
       * Follows the pointer from row to row until it lifts.
       * @param {PointerEvent} event
       */
      function drag(event) {
        event.preventDefault();
        /** @param {PointerEvent} at */
        const follow = (at) => {
          const under = placed().find((one) => {
            const box = one.node.closest("li")?.getBoundingClientRect();
            return box && at.clientY >= box.top && at.clientY < box.bottom;
          });
          if (under && under.row !== row) put(row, Number(under.row.state.rating));
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
      const show = () => {
        const held = document.activeElement;
        const last = placed().length;
        number.textContent = state.rating === null ? "" : said.place(state.rating);
        next.hidden = state.rating !== null;
        next.textContent = said.put(last + 1);
        next.setAttribute("aria-label", said.putOf(position, last + 1));
        moving.hidden = state.rating === null;
        up.setAttribute("aria-disabled", String(state.rating === 1));
        down.setAttribute("aria-disabled", String(state.rating === last));
        if (held === next && next.hidden) up.focus({ preventScroll: true });
      };
      all.push({ row, show, changed, node });
      if (all.length === parts.trial.candidates.length) for (const one of all) one.show();
      return { node, focusable: () => (state.rating === null ? next : up) };
    },
    listenFirst: said.listenFirst,
    said: said.placed,
    say: said.say,
    playAndSay: said.playAndSay,
    keys: { arrows: "place", isColumn: true },
  });
}
