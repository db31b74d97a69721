import { address } from "../api.js";
import { headphonesPage } from "../pages/headphones.js";
import { questionnairePage } from "../pages/questionnaire.js";
import { textPage } from "../pages/text.js";
import { volumePage } from "../pages/volume.js";
import { ready } from "./sounds.js";

// The steps of a session: each shows its page and ends with the answer.

/** @typedef {import("../way.js").Way} Way */

/** In milliseconds: how long practice waits for its feedback. */
const feedbackPatienceMs = 4000;

/** @type {Record<Server.Part["step"], (way: Way, part: Server.Part) => Promise<void>>} */
export const steps = {
  async questionnaire({ session, words, stay }, part) {
    const page = questionnairePage({ questions: part.questions ?? [], words, draft: session.draft(part) });
    session.answer({ step: part.step, number: part.number, answers: await stay(page, words.questionnaire.title) });
  },

  async volume(way, { step }) {
    const { session, player, words, sound } = way;
    const { audio } = session.study.volume;
    await ready(way, [audio]);
    await way.stay(volumePage({ audio, player, words, sound }), words.volume.title);
    session.answer({ step, device: player.device() });
  },

  async headphones(way, { step, number }) {
    const { session, frame, words } = way;
    const { required, attempts = 1 } = session.study.headphones;
    const saved = session.answer({ step, number, answers: await headphoneRounds(way, number) });
    // Wait for the result of the check only if it decides how the session continues.
    const isLast = number === attempts - 1;
    if (!required && isLast) return;
    frame.only(words.loading);
    const told = await Promise.race([saved, session.over]);
    if (isLast && told?.passed === false) session.state = "screened_out";
  },

  async instructions({ session, words, stay, ahead }, { step, number, html }) {
    ahead.fetch(0);
    await stay(textPage({ heading: words.instructions.title, kind: "instructions", html: html ?? "", words }), words.instructions.title);
    session.answer({ step, number });
  },

  async break({ session, words, stay, ahead }, { step, number, html, least_s: least, code }) {
    ahead.fetch(0);
    const link = session.preview ? undefined : address(`t/${session.token}`);
    await stay(textPage({ heading: words.break.title, kind: "break", html: html ?? "", words, least, reminder: words.volume.kept, link, code }), words.break.title);
    session.answer({ step, number });
  },

  async trial(way, part) {
    const { session, frame, words, itinerary, ahead } = way;
    const trial = session.trials.find(({ index }) => index === part.number);
    if (!trial) return;
    const type = way.types[trial.kind];
    const block = session.blocks[trial.block];
    const name = itinerary.nameOf(trial);
    const place = () => frame.place(`${name} · ${itinerary.left(part)}`, itinerary.doneBefore(trial));
    await ready(way, type.sounds(trial), place);
    ahead.keepFrom(trial);
    ahead.fetch(trial.index + 1);
    const page = type.trialPage({
      trial, block, words, language: session.study.language, player: way.player, sound: way.sound, draft: session.draft(part),
      wishes: session.storage, note: (kind, what) => session.log.note(kind, what), say: way.say, remark: remarkOn(trial, way),
    });
    place();
    const answer = await way.stay(page, name);
    itinerary.took(trial, answer.response_ms / 1000);
    const saved = session.answer({ step: part.step, trial: trial.index, ...answer });
    if (trial.training && block.gives_feedback) await tellWhetherRight(way, saved, name);
  },
};

/**
 * Runs the rounds of one attempt at the headphone check.
 * @param {Way} way @param {number} attempt from 0
 * @returns {Promise<number[]>} the answers
 */
async function headphoneRounds(way, attempt) {
  const { session, player, words, sound } = way;
  const { rounds, attempts = 1, kind, max_plays: maxPlays } = session.study.headphones;
  const count = rounds.length / attempts;
  const own = rounds.slice(attempt * count, (attempt + 1) * count);
  const answers = [];
  for (const [i, round] of own.entries()) {
    await ready(way, [round.audio]);
    const next = own[i + 1];
    if (next) player.load(next.audio);
    const page = headphonesPage({ round, number: i + 1, count, isAgain: attempt > 0, kind, maxPlays: round.kind === "sides" ? undefined : maxPlays, player, words, sound });
    answers.push(await way.stay(page, words.headphones.title));
  }
  return answers;
}

/** @param {Server.Trial} trial @param {Way} way @returns {string | null} a note that it is practice, or the first main trial */
function remarkOn(trial, { session, words }) {
  if (trial.training) return words.trial.practiceNote;
  const before = session.trials.find(({ index }) => index === trial.index - 1);
  return before?.training ? words.trial.countsNow : null;
}

/**
 * Shows feedback after practice. If the server cannot be reached, it is skipped.
 * @param {Way} way @param {Promise<Server.Saved | null>} saved @param {string} name
 */
async function tellWhetherRight({ session, words, stay }, saved, name) {
  /** @type {Promise<null>} */
  const tooLong = new Promise((resolve) => setTimeout(() => resolve(null), feedbackPatienceMs));
  const told = await Promise.race([saved, session.over, tooLong]);
  if (told?.right === undefined) return;
  await stay(textPage({ heading: told.right ? words.feedback.right : words.feedback.wrong, kind: "feedback", html: "", words }), name);
}
