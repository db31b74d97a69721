import { adopt, el } from "../dom.js";
import { nameOf } from "../words.js";
import { page } from "./page.js";

/**
 * What it is, how long it takes, and the consent. Tells `{language, consent: true}`.
 * @param {object} parts
 * @param {{title: string, languages: string[], texts: Record<string, any>, open: boolean, minutes: number, trials: number}} parts.study
 * @param {string} parts.language
 * @param {import("../words.js").Words} parts.words
 * @param {(language: string) => void} parts.speak shows the page in another language
 * @param {{goOn: () => void} | null} parts.begun a session that this device holds
 * @returns {import("./page.js").Page}
 */
export function welcomePage({ study, language, words, speak, begun }) {
  const texts = study.texts[language] ?? {};
  const languages = study.languages.length > 1 && el("nav", { class: "languages", "aria-label": words.welcome.languages },
    ...study.languages.map((code) => el("button", {
      type: "button", lang: code, class: "quiet", "aria-pressed": code === language ? "true" : "false",
      on: { click: () => speak(code) },
    }, nameOf(code))));
  const before = begun && el("aside", { class: "note" },
    el("p", {}, words.welcome.begunHere), el("button", { type: "button", on: { click: begun.goOn } }, words.welcome.continueThere),
    study.open && el("p", { class: "faint" }, words.welcome.someoneElse));
  const facts = el("p", { class: "facts" }, words.welcome.facts(study.minutes, study.trials));
  const text = el("div", { class: "prose" }, adopt(texts.welcome));
  if (!study.open) {
    const closed = page({
      heading: study.title, content: [languages, before, text, el("p", { class: "note" }, words.welcome.closed)], next: words.next, kind: "welcome",
    });
    closed.node.querySelector(".onward").remove();
    return closed;
  }
  const box = el("input", { type: "checkbox", id: "agree", on: { change: () => made.refresh() } });
  const made = page({
    heading: study.title, kind: "welcome", next: words.begin,
    content: [
      languages, before, facts, text,
      el("section", { class: "consent" },
        texts.consent && el("h2", {}, words.welcome.consent),
        texts.consent && el("div", { class: "prose" }, adopt(texts.consent)),
        el("label", { class: "tick", for: "agree" }, box, el("span", {}, texts.agree))),
    ],
    missing: () => (box.checked ? null : { text: words.welcome.tickFirst, focus: () => box }),
    answer: () => ({ language, consent: true }),
  });
  return made;
}
