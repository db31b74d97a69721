import { el, freshId, showDialog } from "../dom.js";

/**
 * The dialog and its parts. Browsers without dialogs know neither their forms nor that they close, so neither is relied on.
 * @param {string} stay the label of the button that changes nothing
 */
function dialogOf(stay) {
  const heading = el("h2", {});
  const text = el("p", {});
  let pressed = 0;
  /** @type {(choice: number) => void} */
  let settle = () => {};
  /** @param {number} choice */
  const end = (choice) => {
    showDialog(node, false);
    settle(choice);
  };
  const act = el("button", { class: "primary", on: { click() { pressed = 0; } } });
  const other = el("button", { hidden: true, on: { click() { pressed = 1; } } });
  const keep = el("button", { type: "button", autofocus: true, on: { click: () => end(-1) } }, stay);
  const reason = el("input", { type: "text", id: freshId("reason"), maxlength: 500, disabled: true });
  const asked = el("p", { hidden: true }, el("label", { for: reason.id }), reason);
  const form = el("form", { on: {
    submit(event) {
      event.preventDefault();
      end(pressed);
    },
  } }, heading, text, asked, el("div", { class: "together" }, act, other, keep));
  const node = el("dialog", { class: "confirm" }, form);
  node.addEventListener("close", () => { if (!node.open) settle(-1); }); // By Escape.
  return {
    node, heading, text, act, other, reason, asked,
    /** @returns {Promise<number>} the button that is pressed: 0 or 1, or -1 if nothing is to be done */
    open() {
      showDialog(node, true);
      return new Promise((resolve) => { settle = resolve; });
    },
  };
}

/**
 * Asks for confirmation before an action, and names the action on its button.
 * @param {string} stay the label of the button that changes nothing
 */
export function confirmation(stay) {
  const { node, heading, text, act, other, reason, asked, open } = dialogOf(stay);
  return {
    node,
    /**
     * Asks for confirmation and a reason.
     * @param {string} title @param {string} consequence @param {string} name @param {string} label of the reason
     * @param {string} [only] the only text that is accepted, for actions with grave consequences
     * @returns {Promise<string | null>} the reason; null if the action is not wanted
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
     * @returns {Promise<boolean>} whether the action is wanted
     */
    async ask(title, consequence, name) {
      return await this.choose(title, consequence, [name]) === 0;
    },
    /**
     * Asks for confirmation of one action, or a choice of two.
     * @param {string} title @param {string} consequence @param {string[]} names
     * @returns {Promise<number>} the index of the wanted action; -1 if none is
     */
    choose(title, consequence, [name, second]) {
      heading.textContent = title;
      text.textContent = consequence;
      act.textContent = name;
      act.classList.toggle("primary", !second); // With two actions, neither is recommended.
      other.textContent = second ?? "";
      other.hidden = !second;
      return open();
    },
  };
}
