import { el, fill, freshId, tell } from "../dom.js";

// Building blocks of the experimenter's page.

/** @param {number | undefined} value @param {number} [digits] the most digits after the decimal point @returns {string} */
export const number = (value, digits = 0) => (value !== undefined && Number.isFinite(value)
  ? value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: 0 }) : "–");

/** @param {number} count @param {string} one the singular of what is counted @param {string} [several] the plural @returns {string} */
export const counted = (count, one, several = `${one}s`) => `${number(count)} ${count === 1 ? one : several}`;

/** @param {number} part @param {number} whole @returns {string} in per cent; a dash if there is nothing yet */
export const share = (part, whole) => (whole > 0 ? `${number((100 * part) / whole)} %` : "–");

/**
 * A figure with a label that says what it counts.
 * @param {string} label
 */
export function figure(label) {
  const value = el("dd", { class: "figure" }, "–");
  const hint = el("dd", { class: "faint" });
  const node = el("div", {}, el("dt", {}, label), value, hint);
  return {
    node,
    /** @param {string} text @param {string} [more] @param {boolean} [alarming] */
    show(text, more = "", alarming = false) {
      tell(value, text);
      tell(hint, more);
      node.classList.toggle("alarming", alarming);
    },
  };
}

/**
 * A plain table that keeps unchanged rows, so that a reader's selection survives updates.
 * @param {string} caption
 * @param {[string, string?][]} columns the name, and the class of the cells: a `cut` one shows the beginning of a long text, and all of
 *   it under the pointer
 */
export function table(caption, columns) {
  const body = el("tbody");
  const node = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    el("table", {}, el("caption", { class: "hidden" }, caption),
      el("thead", {}, el("tr", {}, ...columns.map(([name, kind]) => (name ? el("th", { scope: "col", class: kind ?? null }, name) : el("td"))))), body));
  return {
    node,
    /** @param {(string | Node)[][]} rows */
    show(rows) {
      rows.forEach((cells, r) => {
        const line = body.rows[r] ?? body.insertRow();
        cells.forEach((cell, c) => {
          const box = line.cells[c] ?? line.insertCell();
          const [name, kind] = columns[c];
          box.dataset.name = name;
          if (kind) box.className = kind;
          if (cell instanceof Node) { if (box.firstChild !== cell) fill(box, cell); }
          else tell(kind === "cut" ? inner(box) : box, cell);
          if (kind === "cut") inner(box).title = inner(box).textContent ?? "";
        });
      });
      while (body.rows.length > rows.length) body.deleteRow(-1);
    },
  };
}

/** @param {HTMLElement} box @returns {HTMLElement} what contains the text of a cell that may be cut */
const inner = (box) => /** @type {HTMLElement | null} */ (box.firstElementChild) ?? box.appendChild(el("span"));

/**
 * A thin bar that shows a share. The words beside it tell it to everyone.
 * @param {number} part from 0 to 1
 */
export function shareBar(part) {
  const bar = el("span", { class: "share", "aria-hidden": "true" });
  bar.style.setProperty("--at", String(Math.max(0, Math.min(1, part || 0))));
  return bar;
}

/** @param {string} iso @returns {string} how long ago that was, in words */
export function ago(iso) {
  const seconds = (Date.now() - Date.parse(iso)) / 1000;
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 45) return "now";
  /** @type {[Intl.RelativeTimeFormatUnit, number][]} */
  const steps = [["minute", 60], ["hour", 3600], ["day", 86400]];
  const [unit, size] = [...steps].reverse().find(([, each]) => seconds >= each * 0.75) ?? steps[0];
  return new Intl.RelativeTimeFormat("en", { numeric: "always", style: "short" }).format(-Math.round(seconds / size), unit);
}

/** @param {string} name @param {...(Node | string)} children */
export function section(name, ...children) {
  const id = freshId("section");
  return el("section", { "aria-labelledby": id }, el("h2", { id }, name), ...children);
}

/** @param {...{node: Node}} some */
export const figures = (...some) => el("dl", { class: "figures" }, ...some.map(({ node }) => node));
