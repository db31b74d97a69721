import { points } from "../controls/points.js";
import { el, freshId, own, tell } from "../dom.js";
import { dayName, plain } from "../words.js";
import { page } from "./page.js";

/** @typedef {Record<string, Server.Value>} Answers by question */

/**
 * The control for answering a question. `problem` says what is wrong with the input; it is null if the input is fine or
 * empty.
 * @typedef {object} Control
 * @property {import("../dom.js").Child[]} nodes
 * @property {HTMLInputElement[] | HTMLTextAreaElement[]} inputs
 * @property {() => (Server.Value | null)} value
 * @property {() => (string | null)} problem
 */

/**
 * @typedef {object} Asking
 * @property {Server.Question} question
 * @property {Words["questionnaire"]} words
 * @property {string} language
 * @property {string} name an id, also of the input if there is only one
 * @property {string} problemId
 * @property {Server.Value | undefined} kept
 * @property {() => void} changed
 */

/** In characters: the limit for texts if the study sets none, as on the server. */
const longestText = 5000;

/**
 * The study's questions. The page's answer contains the answers by question, without those that were left empty or are
 * not asked because of other answers.
 * @param {object} parts
 * @param {Server.Question[]} parts.questions
 * @param {Words} parts.words
 * @param {{answers: Answers, keep: (answers: Answers) => void}} parts.draft
 * @returns {Page<Answers>}
 */
export function questionnairePage({ questions, words, draft }) {
  const kept = new Map(Object.entries(draft.answers)); // A question may have the name of a property that every object has.
  const fields = questions.map((question) => field(question, words, kept.get(question.id), () => {
    look();
    draft.keep(answers(fields));
    made?.refresh();
  }));
  /** @param {typeof fields} some @returns {Answers} */
  const answers = (some) => Object.fromEntries(some.flatMap((one) => {
    const value = one.value();
    return value === null ? [] : [[one.id, value]];
  }));
  const shown = () => fields.filter((one) => !one.node.hidden);
  /**
   * Shows the questions that follow from the answers so far. Answers to hidden questions are kept until they are shown
   * again.
   */
  const look = () => {
    /** @type {Map<string, Server.Value | null>} */
    const given = new Map();
    for (const one of fields) {
      one.node.hidden = !one.conditions.every(({ question, values }) => holds(given.get(question) ?? null, values));
      if (!one.node.hidden) given.set(one.id, one.value());
    }
  };
  look();
  /** @type {Page<Answers> | null} */
  let made = null;
  made = page({
    heading: words.questionnaire.title, kind: "questionnaire", next: words.next, content: fields.map((one) => one.node),
    missing(asked) {
      const wrong = shown().filter((one) => one.problem() !== null);
      for (const one of fields) one.tell(asked && !one.node.hidden ? one.problem() : null);
      return wrong.length === 0 ? null : { text: words.toDo(words.questionnaire.answer(wrong.length)), focus: wrong[0].focusable };
    },
    answer: () => answers(shown()),
  });
  return made;
}

/** @param {Server.Value | null} answer @param {string[]} values @returns {boolean} whether one of the values was given */
function holds(answer, values) {
  if (typeof answer === "number") return values.some((value) => Number(value) === answer);
  return [answer ?? []].flat().some((one) => values.includes(one));
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
  const control = controls[kind]({ question, words: words.questionnaire, language: words.language, name, problemId: problem.id, kept, changed });
  const isGroup = ["choice", "choices", "scale"].includes(kind);
  const node = isGroup
    ? el("fieldset", { class: `field ${kind}` }, el("legend", {}, el("span", own(), question.text), mark), ...control.nodes, problem)
    : el("div", { class: `field ${kind}` }, el("label", { for: name }, el("span", own(), question.text), mark), ...control.nodes, problem);
  return {
    id, node, value: control.value, conditions: question.shown_if ?? [],
    focusable: () => [...control.inputs].find((input) => input instanceof HTMLInputElement && input.checked) ?? control.inputs[0],
    problem() {
      const wrong = control.problem();
      if (wrong !== null || control.value() !== null) return wrong;
      return required ? words.questionnaire.required : null;
    },
    /** @param {string | null} text */
    tell(text) {
      tell(problem, text ?? "");
      for (const input of control.inputs) text === null ? input.removeAttribute("aria-invalid") : input.setAttribute("aria-invalid", "true");
    },
  };
}

/** @type {Record<Server.Question["kind"], (asking: Asking) => Control>} */
const controls = { text, long_text: text, number, choice: options, choices: options, scale, date };

/**
 * Free text, on one line or on several.
 * @param {Asking} asking
 * @returns {Control}
 */
function text({ question, words, name, problemId, kept, changed }) {
  const least = question.min ?? 0;
  const most = question.max ?? longestText;
  const isTold = question.min != null || question.max != null;
  const count = el("p", { class: "faint hint", id: `${name}-count` });
  const attributes = {
    id: name, on: { input: () => { look(); changed(); } }, "aria-describedby": isTold ? `${count.id} ${problemId}` : problemId,
    "aria-required": question.required ? "true" : null,
  };
  const input = question.kind === "text" ? el("input", { type: "text", ...attributes }) : el("textarea", { rows: 4, ...attributes });
  input.value = kept === undefined ? "" : String(kept);
  // Line ends separate lines; they are not invisible characters to remove.
  const given = () => input.value.split("\n").map(plain).join(question.kind === "text" ? " " : "\n").trim();
  const length = () => Array.from(given()).length; // Counted in characters like on the server, not in UTF-16 units.
  const look = () => tell(count, length() < least ? words.lengthOfAtLeast(length(), least)
    : question.max == null ? words.length(length()) : words.lengthOf(length(), question.max));
  if (isTold) look();
  return {
    nodes: [input, isTold && count], inputs: [/** @type {HTMLInputElement} */ (input)],
    value: () => given() || null,
    problem() {
      if (length() > most) return words.tooLong(length(), most);
      return length() > 0 && length() < least ? words.tooShort(least) : null;
    },
  };
}

/** Three digits behind the only separator, which may set thousands apart, or decimals. */
const isAmbiguous = /^[-+]?[1-9]\d{0,2}[.,]\d{3}$/;
/** @param {string} text @returns {string} the same in the digits 0 to 9, with a point or comma before decimals at most */
function inDigits(text) {
  return text.normalize("NFKC").replace(/\p{Nd}/gu, digit).replace(/\u066b/g, ".").replace(/\u2212/g, "-")
    .replace(/(\d)[ '’\u066c](?=\d{3}(?!\d))/g, "$1")
    .replace(/^([-+]?\d{1,3})((?:,\d{3})+)(\.\d+|,\d{3})$/, (_, first, more, last) => first + more.replace(/,/g, "") + last.replace(",", ""))
    .replace(/^([-+]?\d{1,3})((?:\.\d{3})+)(,\d+|\.\d{3})$/, (_, first, more, last) => first + more.replace(/\./g, "") + last.replace(".", ""));
}

/**
 * The value of a decimal digit of any script. Each script's digits follow one another, from zero on.
 * @param {string} one
 * @returns {string} 0 to 9
 */
function digit(one) {
  const code = one.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1;
  return String(value);
}

/**
 * @param {Asking} asking
 * @returns {Control}
 */
function number({ question, words, name, problemId, kept, changed }) {
  const input = el("input", {
    type: "text", id: name, inputmode: "decimal", class: "short", value: kept === undefined ? null : String(kept), maxlength: 2000,
    on: { input: changed }, "aria-describedby": problemId, "aria-required": question.required ? "true" : null,
  });
  const { min, max } = question;
  /** @param {number} meant */
  const fits = (meant) => meant >= (min ?? -Infinity) && meant <= (max ?? Infinity);
  /** @param {string} said @returns {number[]} what may be meant: decimals or thousands, if both are possible */
  const meanings = (said) => {
    const digits = inDigits(said);
    const decimal = Number(digits.replace(",", "."));
    if (!isAmbiguous.test(digits)) return [decimal];
    const both = [decimal, Number(digits.replace(/[.,]/, ""))];
    return both.some(fits) ? both.filter(fits) : both;
  };
  const value = () => {
    const said = plain(input.value).trim();
    const [meant, other] = meanings(said);
    return said === "" ? null : other === undefined && Number.isFinite(meant) ? meant : said;
  };
  return {
    nodes: [input], inputs: [input], value,
    problem() {
      const given = value();
      if (given === null || (typeof given === "number" && fits(given))) return null;
      if (typeof given === "string" && meanings(given).filter(fits).length > 1) return words.numberPlainly;
      if (min != null && max != null) return words.numberBetween(min, max);
      return min != null ? words.numberFrom(min) : max != null ? words.numberTo(max) : words.number;
    },
  };
}

/**
 * One of several options, or any number of them. An exclusive option can only be chosen alone.
 * @param {Asking} asking
 * @returns {Control}
 */
function options({ question, words, name, problemId, kept, changed }) {
  const several = question.kind === "choices";
  const least = question.min ?? 0;
  const most = question.max ?? null;
  const hint = most === null ? (least > 1 ? words.chooseAtLeast(least) : words.several)
    : least < 2 ? words.chooseUpTo(most) : least === most ? words.chooseExactly(most) : words.chooseBetween(least, most);
  const chosen = new Set([kept].flat());
  const inputs = question.options.map((option, i) => {
    const input = el("input", {
      type: several ? "checkbox" : "radio", name, value: option.value, "aria-describedby": problemId,
      on: { change: () => { alone(i); changed(); } },
    });
    input.checked = chosen.has(option.value);
    return input;
  });
  /** @param {number} last the index of the option that was touched last */
  const alone = (last) => {
    if (!several || !inputs[last].checked) return;
    const { exclusive } = question.options[last];
    inputs.forEach((input, i) => { if (i !== last && (exclusive || question.options[i].exclusive)) input.checked = false; });
  };
  const given = () => inputs.filter((input) => input.checked).map((input) => input.value);
  const ticks = question.options.flatMap((option, i) => [
    i > 0 && option.exclusive && !question.options[i - 1].exclusive && el("p", { class: "faint or" }, words.or),
    el("label", { class: "tick" }, inputs[i], el("span", own(), option.text)),
  ]);
  return {
    nodes: [several && el("p", { class: "faint hint" }, hint), ...ticks],
    inputs,
    value: () => (several ? (given().length > 0 ? given() : null) : given()[0] ?? null),
    problem() {
      const count = given().length;
      if (!several || count === 0 || question.options.some((option, i) => option.exclusive && inputs[i].checked)) return null;
      return count < least || count > (most ?? Infinity) ? `${hint}.` : null;
    },
  };
}

/**
 * A row of points with words at its ends.
 * @param {Asking} asking
 * @returns {Control}
 */
function scale({ question, problemId, kept, changed }) {
  const { text: label, low, high, min = 1, max = 5 } = question;
  /** @param {number} at */
  const named = (at) => (at === min && low ? `${at}, ${low}` : at === max && high ? `${at}, ${high}` : String(at));
  const offered = Array.from({ length: max - min + 1 }, (_, i) => ({ value: min + i, text: String(min + i), name: named(min + i) }));
  const value = typeof kept === "number" && offered.some((point) => point.value === kept) ? kept : null;
  const row = points({ label, points: offered, value, allowed: () => true, changed, isOwn: true });
  const inputs = [...row.node.querySelectorAll("input")];
  for (const input of inputs) input.setAttribute("aria-describedby", problemId);
  return {
    nodes: [row.node, (low || high) && el("p", { class: "faint ends", "aria-hidden": "true", ...own() }, el("span", {}, low), el("span", {}, high))],
    inputs, value: () => row.value, problem: () => null,
  };
}

/**
 * A day, by the browser's own date picker; in browsers without one, typed in digits.
 * @param {Asking} asking
 * @returns {Control}
 */
function date({ question, words, language, name, problemId, kept, changed }) {
  const { earliest, latest } = question;
  const input = el("input", {
    type: "date", id: name, class: "short", min: earliest, max: latest ?? "9999-12-31", placeholder: "2024-12-31", value: kept === undefined ? null : String(kept),
    on: { input: changed, change: changed }, "aria-describedby": problemId, "aria-required": question.required ? "true" : null,
  });
  const given = () => input.value.trim();
  return {
    nodes: [input], inputs: [input], value: () => given() || null,
    problem() {
      const day = given();
      if (input.validity?.badInput || (day !== "" && !/^\d{4}-\d\d-\d\d$/.test(day))) return words.date;
      if (day === "" || (day >= (earliest ?? day) && day <= (latest ?? day))) return null;
      if (earliest && latest) return words.dateBetween(dayName(earliest, language), dayName(latest, language));
      return earliest ? words.dateFrom(dayName(earliest, language)) : words.dateTo(dayName(String(latest), language));
    },
  };
}
