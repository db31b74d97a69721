import { el, showDialog } from "../dom.js";

/**
 * Asks once before an act, and names the act on its button.
 * @param {string} stay the words of the button that leaves all as it is
 */
export function confirmation(stay) {
  const heading = el("h2", {});
  const text = el("p", {});
  const act = el("button", { class: "primary", value: "act" });
  const keep = el("button", { value: "", autofocus: true }, stay);
  const node = el("dialog", { class: "confirm" }, el("form", { method: "dialog" }, heading, text, el("div", { class: "together" }, act, keep)));
  return {
    node,
    /**
     * @param {string} title @param {string} consequence @param {string} name
     * @returns {Promise<boolean>} whether it is wanted
     */
    ask(title, consequence, name) {
      heading.textContent = title;
      text.textContent = consequence;
      act.textContent = name;
      node.returnValue = "";
      showDialog(node, true);
      return new Promise((resolve) => node.addEventListener("close", () => resolve(node.returnValue === "act"), { once: true }));
    },
  };
}
