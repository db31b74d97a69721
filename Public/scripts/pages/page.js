import { around, el, freshId, send, tell } from "../dom.js";

/**
 * A page of a session. `done` resolves with its answer; `leave` stops what it started.
 * @template Told
 * @typedef {{node: HTMLElement, heading: HTMLElement, done: Promise<Told>, leave: () => void, refresh: () => void}} Page
 */

/**
 * What must still be done before the page can be left: in words, and where to do it.
 * @typedef {{text: string, focus: () => (HTMLElement | null | undefined)}} Missing
 */

/**
 * Builds a page with a single button to continue. The button always responds: if something is missing, it says what,
 * and takes the listener there. It stays at the bottom of the window while the page scrolls.
 * @template Told
 * @param {object} parts
 * @param {Node | string} parts.heading
 * @param {import("../dom.js").Child[]} parts.content
 * @param {string} parts.next the label of the button
 * @param {(asked: boolean) => (Missing | null)} [parts.missing] `asked`: whether the button was pressed
 * @param {boolean} [parts.quiet] whether to say what is missing only after the button was pressed
 * @param {() => Told} parts.answer gives the page's answer
 * @param {(event: KeyboardEvent) => void} [parts.key] handles keys that no control on the page uses
 * @param {() => void} [parts.leave]
 * @param {string} [parts.kind] a CSS class
 * @param {Node[]} [parts.after] content between the main content and the button
 * @returns {Page<Told>}
 */
export function page({ heading, content, next, missing = () => null, quiet = true, answer, key, leave, kind = "", after = [] }) {
  const title = el("h1", { tabindex: -1 }, heading);
  const wanting = el("p", { class: "wanting", id: freshId("wanting") });
  const button = el("button", { type: "submit", class: "primary", "aria-describedby": wanting.id }, next);
  const form = el("form", { class: `page ${kind}`, novalidate: true, autocomplete: "off" },
    title, ...content, ...after, el("div", { class: "onward foot" }, button, wanting));
  /** @type {(told: Told) => void} */
  let finish = () => {};
  let asked = false;
  /** @type {Promise<Told>} */
  const done = new Promise((resolve) => { finish = resolve; });

  const refresh = () => {
    const lacking = missing(asked);
    button.classList.toggle("waiting", lacking !== null);
    wanting.classList.toggle("asked", asked);
    tell(wanting, lacking && (asked || !quiet) ? lacking.text : "");
  };
  const submit = () => {
    asked = true;
    const lacking = missing(asked);
    refresh();
    if (!lacking) {
      finish(answer());
      return;
    }
    const target = lacking.focus();
    if (target !== document.activeElement) send(target, wanting.id);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const onControl = around(event, "button, a, input:not([type=radio]), textarea, select");
    if (event.repeat) {
      // A key that is held is pressed once. Controls that move step by step have handled it by now.
      if ((event.key === "Enter" && !around(event, "textarea, select")) || (event.key === " " && !onControl)) event.preventDefault();
      return;
    }
    if (event.key === "Enter" && !onControl) {
      event.preventDefault();
      submit();
    } else if (!onControl || onControl.matches("button")) {
      key?.(event);
    }
  };
  document.addEventListener("keydown", onKey);
  refresh();
  return {
    node: form, heading: title, done, refresh,
    leave() {
      form.inert = true; // It may stay visible while the next page waits for its sounds.
      document.removeEventListener("keydown", onKey);
      leave?.();
    },
  };
}
