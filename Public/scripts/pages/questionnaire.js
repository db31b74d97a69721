import { el, freshId, tell } from "../dom.js";
import { plain } from "../words.js";
import { page } from "./page.js";

/** @typedef {Record<string, Server.Value>} Answers by question */

/**
 * The study's questions. Tells the answers by question; what was left empty is left out.
 * @param {object} parts
 * @param {Server.Question[]} parts.questions
 * @param {Words} parts.words
 * @param {{answers: Answers, keep: (answers: Answers) => void}} parts.draft
 * @returns {Page<Answers>}
 */
export function questionnairePage({ questions, words, draft }) {
  const kept = new Map(Object.entries(draft.answers)); // A question may be called as something that every object has.
  const fields = questions.map((question) => field(question, words, kept.get(question.id), () => {
    draft.keep(answers());
    made?.refresh();
  }));
  const answers = () => Object.fromEntries(fields.flatMap((one) => {
    const value = one.value();
    return value === null ? [] : [[one.id, value]];
  }));
  /** @type {Page<Answers> | null} */
  let made = null;
  made = page({
    heading: words.questionnaire.title, kind: "questionnaire", next: words.next, content: fields.map((one) => one.node),
    missing(asked) {
      const wrong = fields.filter((one) => one.problem() !== null);
      for (const one of fields) one.tell(asked ? one.problem() : null);
      return wrong.length === 0 ? null : { text: words.questionnaire.answerFirst(wrong.length), focus: wrong[0].focusable };
    },
    answer: answers,
  });
  return made;
}

/**
 * @param {Server.Question} question
 * @param {Words} words
 * @param {Server.Value | undefined} kept
 * @param {() => void} changed
 */
function field(question, words, kept, changed) {
  const { id, kind, required } = question;
  const name = freshId("question");
  const problem = el("p", { class: "problem", id: `${name}-problem`, role: "alert" });
  const mark = !required && el("span", { class: "faint optional" }, ` ${words.questionnaire.optional}`);
  /** @type {HTMLInputElement[]} */
  let inputs;
  /** @type {HTMLElement} */
  let node;
  if (kind === "choice" || kind === "choices") {
    const chosen = new Set([kept].flat());
    inputs = question.options.map((option) => {
      const input = el("input", {
        type: kind === "choice" ? "radio" : "checkbox", name, value: option.value, on: { change: changed }, "aria-describedby": problem.id,
      });
      input.checked = chosen.has(option.value);
      return input;
    });
    node = el("fieldset", { class: "field" }, el("legend", {}, question.text, mark),
      kind === "choices" && el("p", { class: "faint hint" }, words.questionnaire.several),
      ...question.options.map((option, i) => el("label", { class: "tick" }, inputs[i], el("span", {}, option.text))), problem);
  } else {
    const input = el("input", {
      type: "text", id: name, inputmode: kind === "number" ? "decimal" : null, class: kind === "number" ? "short" : null,
      value: kept === undefined ? null : String(kept), on: { input: changed }, "aria-describedby": problem.id,
      "aria-required": required ? "true" : null, maxlength: 2000,
    });
    inputs = [input];
    node = el("div", { class: "field" }, el("label", { for: name }, question.text, mark), input, problem);
  }

  const number = () => Number(inputs[0].value.trim().replace(",", "."));
  const value = () => {
    if (kind === "choices") {
      const list = inputs.filter((input) => input.checked).map((input) => input.value);
      return list.length > 0 ? list : null;
    }
    if (kind === "choice") return inputs.find((input) => input.checked)?.value ?? null;
    const text = plain(inputs[0].value).trim();
    if (text === "") return null;
    return kind === "number" ? (Number.isFinite(number()) ? number() : text) : text;
  };
  return {
    id, node, value,
    focusable: () => inputs.find((input) => input.checked) ?? inputs[0],
    problem() {
      const given = value();
      if (given === null) return required ? words.questionnaire.required : null;
      if (kind !== "number") return null;
      const { min, max } = question;
      if (typeof given === "number" && given >= (min ?? -Infinity) && given <= (max ?? Infinity)) return null;
      return min != null && max != null ? words.questionnaire.numberBetween(min, max) : words.questionnaire.number;
    },
    /** @param {string | null} text */
    tell(text) {
      tell(problem, text ?? "");
      for (const input of inputs) input.setAttribute("aria-invalid", String(text !== null));
    },
  };
}
