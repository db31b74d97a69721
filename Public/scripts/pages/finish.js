import { toCopy } from "../controls/copy-button.js";
import { adopt, el } from "../dom.js";

const countdownSeconds = 15;

/**
 * The last page: thanks, or why the session ends early, and where to go from here.
 * @param {object} parts
 * @param {Server.Finish} parts.finish
 * @param {Words} parts.words
 * @param {number} [parts.notTaken] how many answers the server refused
 * @param {(address: string) => void} [parts.go]
 * @returns {{node: HTMLElement, heading: HTMLElement, leave: () => void}}
 */
export function finishPage({ finish, words, notTaken = 0, go = (address) => location.assign(address) }) {
  const early = finish.outcome ? words.leaving[finish.outcome] : null;
  const heading = el("h1", { tabindex: -1 }, early?.title ?? words.finish.title);
  const address = webAddress(finish.redirect);
  let timer = 0;
  /** @type {HTMLElement} */
  let onward = el("p", { class: "faint" }, early ? words.leaving.close : notTaken > 0 ? words.finish.savedBut(notTaken) : words.finish.saved);
  if (address) {
    let left = countdownSeconds;
    const line = el("p", { class: "faint" }, words.finish.leaving(address.host, left));
    const leave = el("button", { type: "button", class: "primary", on: { click: () => go(address.href) } }, words.finish.leave);
    timer = setInterval(() => {
      left -= 1;
      line.textContent = words.finish.leaving(address.host, Math.max(0, left));
      if (left <= 0) {
        clearInterval(timer);
        go(address.href);
      }
    }, 1000);
    onward = el("div", { class: "onward" }, leave, line);
  }
  const node = el("section", { class: "page finish" }, heading, ...partingWords(finish, words), onward);
  return { node, heading, leave: () => clearInterval(timer) };
}

/**
 * What the study says about this outcome, and its code.
 * @param {Server.Finish} finish @param {Words} words
 * @returns {HTMLElement[]}
 */
function partingWords(finish, words) {
  const own = finish.outcome && finish.text === "" ? el("p", {}, words.leaving[finish.outcome].why) : adopt(finish.text);
  return [el("div", { class: "prose" }, own), ...(finish.code ? [el("div", { class: "code" }, ...toCopy({ text: finish.code, label: words.finish.code, words }))] : [])];
}

/**
 * The same with the link onward, for use on another page.
 * @param {Server.Finish} finish @param {Words} words
 * @returns {HTMLElement}
 */
export function wayOut(finish, words) {
  const address = webAddress(finish.redirect);
  return el("div", { class: "way-out" }, ...partingWords(finish, words),
    address ? el("p", {}, el("a", { href: address.href }, words.finish.leadsTo(address.host))) : null);
}

/** @param {string | null} text */
function webAddress(text) {
  if (!text) return null;
  try {
    const address = new URL(text, location.href);
    return ["http:", "https:"].includes(address.protocol) ? address : null;
  } catch {
    return null;
  }
}
