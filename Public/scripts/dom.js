import { directionOf } from "./message.js";

// Builds the pages from nodes. No text is ever parsed as markup, except what the server rendered from the study's
// Markdown.

/**
 * What an element can contain; the last three are skipped.
 * @typedef {Node | string | number | null | undefined | false} Child
 * @typedef {{[K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void}} Listeners
 */

/**
 * Makes an element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name tag name
 * @param {{on?: Listeners} & Record<string, string | number | boolean | null | undefined | Listeners>} attributes by name; `on` contains listeners by event; false and null omit an attribute
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(name, { on = {}, ...attributes } = {}, ...children) {
  const node = document.createElement(name);
  for (const [event, listener] of /** @type {[string, EventListener][]} */ (Object.entries(on))) node.addEventListener(event, listener);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) {
      node.setAttribute(key, "");
    } else if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(key, String(value));
    }
  }
  node.append(...children.flatMap((child) => (
    child === null || child === undefined || child === false ? [] : [child instanceof Node ? child : String(child)])));
  return node;
}

/**
 * Replaces all children, like `replaceChildren`, which browsers before 2020 lack.
 * @param {Element} node
 * @param {...(Node | string)} children
 */
export function fill(node, ...children) {
  node.textContent = "";
  node.append(...children);
}

/**
 * @param {Event} event
 * @param {string} selector
 * @returns {Element | null} the nearest element that matches the selector, starting from the event's target
 */
export function around({ target }, selector) {
  return target instanceof Element ? target.closest(selector) : null;
}

/** @param {HTMLElement} node @returns {boolean} whether it runs from right to left */
export const isMirrored = (node) => getComputedStyle(node).direction === "rtl";

/**
 * Sets a text. An unchanged text is not set again: it would be read aloud again, and lose a selection.
 * @param {Element} node
 * @param {string} text
 */
export function tell(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Moves the focus to what the listener should use next. A ring shows it, even to mouse users, and a screen reader reads
 * the reason with it.
 * @param {HTMLElement | null | undefined} node
 * @param {string} [reason] the id of the element with the reason
 */
export function send(node, reason) {
  if (!node) return;
  const before = node.getAttribute("aria-describedby");
  node.classList.add("sent");
  if (reason) node.setAttribute("aria-describedby", before ? `${reason} ${before}` : reason);
  node.addEventListener("blur", () => {
    node.classList.remove("sent");
    if (before) node.setAttribute("aria-describedby", before);
    else node.removeAttribute("aria-describedby");
  }, { once: true });
  node.focus({ preventScroll: true });
  node.scrollIntoView({ block: "nearest" });
}

/**
 * Shows or hides a dialog. In browsers without dialogs, it opens in its place on the page.
 * @param {HTMLDialogElement} dialog
 * @param {boolean} open
 */
export function showDialog(dialog, open) {
  if (typeof dialog.showModal !== "function") {
    dialog.toggleAttribute("open", open);
    /** @type {HTMLElement | null} */
    const first = open ? dialog.querySelector("[autofocus]") ?? dialog.querySelector("button") : null;
    first?.focus();
  } else if (open) dialog.showModal();
  else dialog.close();
}

/** @type {{lang?: string, dir?: "ltr" | "rtl"}} */
let tongue = {};

/**
 * The attributes for the study's own texts, so that they are read aloud and laid out in their language. None if the
 * pages speak that language too.
 */
export const own = () => tongue;

/** @param {string | null} language the study's, if the pages do not speak it */
export function speakOwn(language) {
  tongue = language === null ? {} : { lang: language, dir: directionOf(language) };
}

/**
 * Adopts HTML that the server rendered from Markdown in safe mode. Headings move down one level, since the page has a
 * first heading of its own; links open in a new tab, so that no listener loses the test.
 * @param {string} html
 * @returns {DocumentFragment}
 */
export function adopt(html) {
  const parsed = new DOMParser().parseFromString(html ?? "", "text/html");
  for (const unwanted of parsed.querySelectorAll("script, style, iframe, object, embed, form, link, meta")) unwanted.remove();
  for (const level of [5, 4, 3, 2, 1]) {
    for (const heading of parsed.querySelectorAll(`h${level}`)) {
      const sunk = document.createElement(`h${level + 1}`);
      sunk.append(...heading.childNodes);
      heading.replaceWith(sunk);
    }
  }
  for (const link of parsed.querySelectorAll("a[href]")) {
    link.setAttribute("target", "_blank");
    link.setAttribute("rel", "noopener noreferrer");
  }
  const fragment = document.createDocumentFragment();
  fragment.append(...parsed.body.childNodes);
  for (const block of fragment.children) for (const [name, value] of Object.entries(tongue)) block.setAttribute(name, value);
  return document.adoptNode(fragment);
}

const shapes = {
  play: "M8 5.2v13.6a.6.6 0 0 0 .92.5l10.4-6.8a.6.6 0 0 0 0-1L8.92 4.7A.6.6 0 0 0 8 5.2z",
  stop: "M7.5 6.5h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1z",
  up: "M12 7.4l6 6-1.4 1.4-4.6-4.6-4.6 4.6L6 13.4z",
  down: "M12 16.6l-6-6 1.4-1.4 4.6 4.6 4.6-4.6 1.4 1.4z",
  grip: "M6 8h12v1.6H6zM6 14.4h12V16H6z",
};

/**
 * @param {keyof typeof shapes} name
 * @returns {SVGSVGElement} an icon that is hidden from screen readers, because the button around it has a name
 */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon icon-${name}`);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", shapes[name]);
  svg.append(path);
  return svg;
}

let lastId = 0;

/**
 * @param {string} stem
 * @returns {string} an id that is unique on the page
 */
export function freshId(stem) {
  lastId += 1;
  return `${stem}-${lastId}`;
}
