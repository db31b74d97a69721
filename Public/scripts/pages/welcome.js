import { adopt, el, freshId, own, tell } from "../dom.js";
import { wayOut } from "./finish.js";
import { nameOf } from "../words.js";
import { page } from "./page.js";

/**
 * What the study is about, how long it takes, and the consent.
 * @param {object} parts
 * @param {Server.Study} parts.study
 * @param {string} parts.language
 * @param {Words} parts.words
 * @param {(language: string) => void} parts.speak shows the page in another language
 * @param {{isFinished: boolean, goOn: () => void} | null} parts.begun a session stored on this device
 * @param {boolean} parts.isNamed whether the link may identify a listener, who may have begun elsewhere
 * @param {boolean} parts.isPreview whether the link is for a preview
 * @param {() => void} parts.decline called if somebody declines to take part
 * @param {(code: string) => Promise<"unknown" | "tooMany" | null>} parts.comeBack continues a session that was begun elsewhere
 * @param {Server.Finish | null} parts.farewell what to tell those for whom there is no place
 * @returns {Page<{language: string, consent: boolean}>}
 */
export function welcomePage({ study, language, words, speak, begun, isNamed, isPreview, decline, comeBack, farewell }) {
  const texts = study.texts[language];
  const languages = study.languages.length > 1 && el("nav", { class: "languages", "aria-label": words.welcome.languages },
    ...study.languages.map((code) => el("button", {
      type: "button", lang: code, class: "quiet", "aria-pressed": code === language ? "true" : "false",
      on: { click: () => speak(code) },
    }, nameOf(code))));
  const before = begun && el("aside", { class: "note" },
    el("p", {}, begun.isFinished ? words.welcome.finishedHere : words.welcome.begunHere),
    el("button", { type: "button", on: { click: begun.goOn } }, begun.isFinished ? words.welcome.lastPage : words.welcome.continueThere),
    study.open && !study.needs_link && !isNamed && el("p", { class: "faint" }, words.welcome.someoneElse));
  const preview = isPreview && el("p", { class: "note" }, words.welcome.preview);
  const facts = el("p", { class: "facts" }, words.welcome.facts(words.minutes(study.minutes), study.trials));
  const title = el("span", own(), texts.title);
  const text = el("div", { class: "prose" }, adopt(texts.welcome));
  const withCode = study.takes_codes && returning(words, comeBack);
  // Whether other parameters of a link name somebody, only the server knows: it says so when they begin.
  const isUnnamed = study.open && study.needs_link && !isNamed && !isPreview;
  if (!study.open || isUnnamed) {
    const why = isUnnamed ? [el("strong", {}, words.closed.needsID), el("br"), words.closed.needsIDHow] : [closedWords(study, language, words)];
    // Somebody who has begun elsewhere may continue, which only the server knows.
    const closed = page({
      heading: title, content: [languages, before, text, el("p", { class: "note", role: "status" }, ...why), study.message && el("p", { class: "note message" }, study.message), farewell && wayOut(farewell, words), withCode],
      next: words.welcome.begunElsewhere, kind: "welcome", answer: () => ({ language, consent: true }),
    });
    if (before || !isNamed) closed.node.querySelector(".onward")?.remove();
    return closed;
  }
  const box = el("input", { type: "checkbox", id: "agree", on: { change() { made.refresh(); } } });
  const made = page({
    heading: title, kind: "welcome", next: words.begin,
    content: [
      languages, before, withCode, preview, facts, text,
      el("section", { class: "consent" },
        texts.consent && el("h2", {}, words.welcome.consent),
        texts.consent && el("div", { class: "prose" }, adopt(texts.consent)),
        el("label", { class: "tick", for: "agree" }, box, el("span", own(), texts.agree))),
    ],
    missing: () => (box.checked ? null : { text: words.toDo(words.welcome.tick), focus: () => box }),
    answer: () => ({ language, consent: true }),
    after: study.declines ? [el("button", { type: "button", class: "quiet", on: { click: decline } }, words.welcome.decline)] : [],
  });
  return made;
}

/**
 * A field for the code that a break page has shown.
 * @param {Words} words @param {(code: string) => Promise<"unknown" | "tooMany" | null>} comeBack
 */
function returning({ welcome: { code: said, continueThere } }, comeBack) {
  const problem = el("p", { class: "problem", id: freshId("problem"), role: "alert" });
  /** @type {HTMLInputElement} */
  const field = el("input", {
    type: "text", id: freshId("code"), size: 16, maxlength: 40, autocapitalize: "characters", spellcheck: "false", "aria-describedby": problem.id,
    on: {
      keydown(event) {
        if (event.key !== "Enter") return;
        event.preventDefault(); // Enter submits this field, not the page.
        go();
      },
    },
  });
  const go = async () => {
    const wrong = field.value.trim() === "" ? "unknown" : await comeBack(field.value);
    tell(problem, wrong ? said[wrong] : "");
    if (!wrong) return;
    field.setAttribute("aria-invalid", "true");
    field.select();
  };
  return el("details", { class: "returning" }, el("summary", {}, said.ask),
    el("label", { for: field.id }, said.label),
    el("div", { class: "together" }, field, el("button", { type: "button", on: { click: go } }, continueThere)), problem);
}

/** @param {Server.Study} study @param {string} language @param {Words} words @returns {string} why nobody is admitted */
function closedWords({ closed = "paused", opens_at: opens }, language, words) {
  if (closed === "early" || closed === "hours") {
    // In the date format of this listener for that language.
    const locale = navigator.languages?.find((one) => one.split("-")[0] === language) ?? language;
    const when = opens ? new Date(opens).toLocaleString(locale, { weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit", timeZoneName: "short" }) : null;
    return when ? words.closed.opens(when) : words.closed.opensLater;
  }
  return closed === "paused" ? words.welcome.closed : words.closed[closed];
}
