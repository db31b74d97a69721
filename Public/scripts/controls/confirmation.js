import { el, freshId, showDialog } from "../dom.js";

/**
 * Asks once before an act, and names the act on its button.
 * @param {string} stay the words of the button that leaves all as it is
 */
export function confirmation(stay) {
  const heading = el("h2", {});
  const text = el("p", {});
  const act = el("button", { class: "primary", value: "0" });
  const other = el("button", { value: "1", hidden: true });
  const keep = el("button", { value: "", autofocus: true }, stay);
  const reason = el("input", { type: "text", id: freshId("reason"), maxlength: 500, disabled: true });
  const asked = el("p", { hidden: true }, el("label", { for: reason.id }), reason);
  const node = el("dialog", { class: "confirm" }, el("form", { method: "dialog" }, heading, text, asked, el("div", { class: "together" }, act, other, keep)));
  keep.formNoValidate = true;
  return {
    node,
    /**
     * The same, and why it is wanted.
     * @param {string} title @param {string} consequence @param {string} name @param {string} label of the reason
     * @param {string} [only] the one thing that can be written, where the act is a grave one
     * @returns {Promise<string | null>} the reason; null where it is not wanted
     */
    async askWhy(title, consequence, name, label, only = "") {
      const line = asked.querySelector("label");
      if (line) line.textContent = label;
      reason.value = "";
      if (only) reason.pattern = only;
      else reason.removeAttribute("pattern");
      [asked.hidden, reason.disabled, reason.required] = [false, false, true];
      const isWanted = await this.ask(title, consequence, name);
      [asked.hidden, reason.disabled, reason.required] = [true, true, false];
      return isWanted ? reason.value : null;
    },
    /**
     * @param {string} title @param {string} consequence @param {string} name
     * @returns {Promise<boolean>} whether it is wanted
     */
    async ask(title, consequence, name) {
      return await this.choose(title, consequence, [name]) === 0;
    },
    /**
     * The same of one act or two.
     * @param {string} title @param {string} consequence @param {string[]} names
     * @returns {Promise<number>} the place of the one that is wanted, -1 where none is
     */
    choose(title, consequence, [name, second]) {
      heading.textContent = title;
      text.textContent = consequence;
      act.textContent = name;
      act.classList.toggle("primary", !second); // Of two, neither is recommended.
      other.textContent = second ?? "";
      other.hidden = !second;
      node.returnValue = "";
      showDialog(node, true);
      return new Promise((resolve) => node.addEventListener("close", () => resolve(node.returnValue === "" ? -1 : Number(node.returnValue)), { once: true }));
    },
  };
}
