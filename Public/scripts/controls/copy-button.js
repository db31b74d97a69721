import { el, freshId } from "../dom.js";

const toldMs = 2500;

/**
 * A button that copies the content of a field, and confirms it.
 * @param {{field: HTMLInputElement, copy: string, copied: string}} parts
 * @returns {HTMLElement[]}
 */
export function copyButton({ field, copy, copied }) {
  const told = el("span", { class: "faint", role: "status" });
  const button = el("button", {
    type: "button",
    on: {
      async click() {
        field.select();
        try {
          await navigator.clipboard.writeText(field.value);
        } catch {
          document.execCommand("copy"); // Over plain HTTP, browsers have no clipboard API.
        }
        told.textContent = copied;
        setTimeout(() => { told.textContent = ""; }, toldMs);
      },
    },
  }, copy);
  return [button, told];
}

/**
 * A text for the listener to copy, with its button.
 * @param {{text: string, label: string, words: Words}} parts
 * @returns {HTMLElement[]}
 */
export function toCopy({ text, label, words }) {
  /** @type {HTMLInputElement} */
  const field = el("input", { type: "text", readonly: true, id: freshId("copy"), value: text, size: Math.max(8, text.length), on: { focus() { field.select(); } } });
  return [el("label", { for: field.id }, label), el("div", { class: "together" }, field, ...copyButton({ field, copy: words.finish.copy, copied: words.finish.copied }))];
}
