import { address, Away } from "./api.js";
import { confirmation } from "./controls/confirmation.js";
import { isolated } from "./message.js";
import { finishPage } from "./pages/finish.js";
import { headphonesPage } from "./pages/headphones.js";
import { questionnairePage } from "./pages/questionnaire.js";
import { textPage } from "./pages/text.js";
import { volumePage } from "./pages/volume.js";
import { SoundAsleep, SoundProblem } from "./player.js";

// The way of one listener, step after step, as the server lists them. Each step that is already answered is passed over,
// so that the same walk is also how a reload goes on.

const soundRetryMs = 3000;
/** What a line that breaks off should leave to go on with: so many trials, if they are no larger together than this, in bytes. */
const mostAhead = 5;
const mostAheadBytes = 64e6;
/** Practice waits so long for its feedback. */
const feedbackPatienceMs = 4000;
/** What is expected of a listener beside the trials, in seconds: as the server reckons it, too. */
const secondsEach = { question: 8, round: 8, volume: 30, instructions: 60 };
/** A device that has not begun by then is asked for: it may not be there. */
const slowDeviceMs = 1000;

/**
 * @param {object} parts
 * @param {import("./session.js").Session} parts.session
 * @param {import("./frame.js").Frame} parts.frame
 * @param {Player} parts.player
 * @param {Words} parts.words
 * @param {Record<string, import("./trials/registry.js").TrialType>} parts.types of trials, by name
 * @returns {Promise<void>} once the finish stands there
 */
export async function walk({ session, frame, player, words, types }) {
  const { study, trials } = session;
  /** @param {string} text */
  const title = (text) => `${text} – ${study.title}`;

  let told = false;
  /**
   * Plays, and tells where that fails, with another try.
   * @param {() => Promise<void>} task
   */
  const sound = async (task) => {
    const again = { text: words.tryAgain, press: () => sound(task) };
    /** @param {string} text */
    const tell = (text) => { told = true; frame.notice(text, again); };
    const slow = setTimeout(() => tell(words.trouble.noSoundYet), slowDeviceMs);
    try {
      await task();
      if (told) frame.notice(null);
      told = false;
    } catch (problem) {
      const kind = problem instanceof SoundProblem ? problem.kind : null;
      session.log.note("error", { value: problem instanceof Error ? problem.message : String(problem) });
      if (kind === "network") session.confirm();
      tell(problem instanceof SoundAsleep ? words.trouble.noSound
        : kind === "decode" ? words.trouble.soundDecode : words.trouble.soundNetwork);
    } finally {
      clearTimeout(slow);
    }
  };

  // What a page says in passing holds until a sound is heard, or the page is left.
  let remark = "";
  /** @param {string} text */
  const say = (text) => { remark = text; frame.say(text); };
  const unsay = () => { if (remark !== "") say(""); };
  player.addEventListener("start", unsay);

  for (const [happening, kind] of /** @type {const} */ ([["start", "play"], ["end", "stop"]])) {
    player.addEventListener(happening, ({ detail }) => {
      // What a trial plays, its own page notes.
      if (["volume", "headphones"].includes(detail.owner)) session.log.note(kind, { stimulus: detail.owner });
    });
  }

  /**
   * Waits until all sounds of a page are here; tells calmly when that takes long, and offers another try. `place` tells
   * where that page is on the way, once the one before it is gone: who reads it may press the keys of the page it names.
   * @param {string[]} urls
   */
  const ready = async (urls, place = () => {}) => {
    for (;;) {
      const slow = setTimeout(() => { place(); frame.arriving(words.loading, () => player.arrived(urls)); }, 400);
      try {
        await Promise.race([Promise.all(urls.map((url) => player.load(url))), session.over]);
        frame.notice(null);
        return;
      } catch (problem) {
        if (!(problem instanceof SoundProblem)) throw problem;
        const { kind } = problem;
        session.log.note("error", { value: kind });
        if (kind === "network") session.confirm();
        await Promise.race([session.over, new Promise((resolve) => {
          frame.notice(kind === "decode" ? words.trouble.soundDecode : words.trouble.soundNetwork,
            { text: words.tryAgain, press: resolve });
          if (kind === "network") {
            setTimeout(resolve, soundRetryMs);
            addEventListener("online", resolve, { once: true });
          }
        })]);
      } finally {
        clearTimeout(slow);
      }
    }
  };

  /**
   * Shows a page until it is left, or until the session is over.
   * @template Told
   * @param {Page<Told>} page
   * @param {string} name
   */
  const stay = async (page, name) => {
    frame.show(page, title(name));
    try {
      return await Promise.race([page.done, session.over]);
    } finally {
      player.stop();
      page.leave();
      unsay();
      session.log.flush();
    }
  };

  /**
   * After practice. Where the server cannot be reached, it is passed over.
   * @param {Promise<Server.Saved | null>} saved @param {string} name
   */
  const tellWhetherRight = async (saved, name) => {
    /** @type {Promise<null>} */
    const tooLong = new Promise((resolve) => setTimeout(() => resolve(null), feedbackPatienceMs));
    const told = await Promise.race([saved, session.over, tooLong]);
    if (told?.right === undefined) return;
    await stay(textPage({ heading: told.right ? words.feedback.right : words.feedback.wrong, kind: "feedback", html: "", words }), name);
  };

  const pace = paceOf();
  const whole = trials.reduce((sum, trial) => sum + trial.seconds, 0);
  /** @param {number} index */
  const ahead = (index) => trials.filter((trial) => trial.index >= index).reduce((sum, trial) => sum + trial.seconds, 0);
  /** @param {Server.Part} part @returns {string} how long it takes from there to the end */
  const left = (part) => {
    let [heard, other] = [0, 0];
    for (const { step, number, questions } of session.parts.slice(session.parts.indexOf(part))) {
      if (step === "trial") heard += trials.find(({ index }) => index === number)?.seconds ?? 0;
      else if (step === "questionnaire") other += secondsEach.question * (questions?.length ?? 0);
      else if (step === "headphones") other += number === 0 ? secondsEach.round * study.headphones.rounds.length / (study.headphones.attempts ?? 1) : 0;
      else if (step !== "break") other += secondsEach[step];
    }
    return words.trial.left(Math.round((pace.expected(heard) + other) / 60));
  };
  const firstOpen = () => trials.find(({ index }) => !session.isDone({ step: "trial", number: index }));
  /** @param {Server.Trial[]} some */
  const soundsOf = (some) => some.flatMap((trial) => types[trial.kind].sounds(trial));
  /** Of a trial's parcel, in bytes: all have one size (docs/stimuli.md). */
  let parcelSize = 0;
  let errand = 0;
  /**
   * Fetches what comes from a trial on, one after the other, as far as there is room for it, and readies the first.
   * @param {number} index
   */
  const prefetch = async (index) => {
    errand += 1;
    const mine = errand;
    const coming = trials.filter((trial) => trial.index >= index && !session.isDone({ step: "trial", number: trial.index }));
    try {
      for (const [i, trial] of coming.slice(0, mostAhead).entries()) {
        if (mine !== errand || (i + 1) * parcelSize > mostAheadBytes) return;
        const urls = soundsOf([trial]);
        parcelSize = await player.fetch(urls);
        if (i === 0) for (const url of urls) player.load(url);
      }
    } catch (problem) {
      if (problem instanceof SoundProblem && problem.kind === "network") session.confirm();
    }
  };

  const training = trials.filter((trial) => trial.training).length;
  /** @param {Server.Trial} trial the words for its place: practice and what counts are numbered apart */
  const named = (trial) => {
    const alike = trials.filter((one) => one.training === trial.training).indexOf(trial) + 1;
    return trial.training ? (training > 1 ? words.trial.practice(alike, training) : words.trial.practiceOnly) : words.trial.number(alike, trials.length - training);
  };

  /**
   * What is done at each step: it ends with the answer.
   * @type {Record<Server.Part["step"], (part: Server.Part) => Promise<void>>}
   */
  const steps = {
    async questionnaire(part) {
      const page = questionnairePage({ questions: part.questions ?? [], words, draft: session.draft(part) });
      session.answer({ step: part.step, number: part.number, answers: await stay(page, words.questionnaire.title) });
    },

    async volume({ step }) {
      await ready([study.volume.audio]);
      await stay(volumePage({ audio: study.volume.audio, player, words, sound }), words.volume.title);
      session.answer({ step, device: player.device() });
    },

    async headphones({ step, number }) {
      const { rounds, required, attempts = 1, kind, max_plays: maxPlays } = study.headphones;
      const count = rounds.length / attempts;
      const own = rounds.slice(number * count, (number + 1) * count);
      const answers = [];
      for (const [i, round] of own.entries()) {
        await ready([round.audio]);
        const next = own[i + 1];
        if (next) player.load(next.audio);
        const page = headphonesPage({ round, number: i + 1, count, isAgain: number > 0, kind, maxPlays: round.kind === "sides" ? undefined : maxPlays, player, words, sound });
        answers.push(await stay(page, words.headphones.title));
      }
      const saved = session.answer({ step, number, answers });
      // Only where the check decides how it goes on must its result be waited for.
      const isLast = number === attempts - 1;
      if (required || !isLast) {
        frame.only(words.loading);
        const told = await Promise.race([saved, session.over]);
        if (isLast && told?.passed === false) session.state = "screened_out";
      }
    },

    async instructions({ step, number, html }) {
      prefetch(0);
      await stay(textPage({ heading: words.instructions.title, kind: "instructions", html: html ?? "", words }), words.instructions.title);
      session.answer({ step, number });
    },

    async break({ step, number, html, least_s: least, code }) {
      prefetch(0);
      await stay(textPage({ heading: words.break.title, kind: "break", html: html ?? "", words, least, reminder: words.volume.kept, link: session.preview ? undefined : address(`t/${session.token}`), code }), words.break.title);
      session.answer({ step, number });
    },

    async trial(part) {
      const trial = trials.find(({ index }) => index === part.number);
      if (!trial) return;
      const type = types[trial.kind];
      const name = named(trial);
      const place = () => frame.place(`${name} · ${left(part)}`, 1 - ahead(trial.index) / whole);
      await ready(type.sounds(trial), place);
      const coming = trials.filter((other) => other.index > trial.index);
      player.keepOnly(soundsOf([trial, ...coming.slice(0, 1)]), soundsOf(coming.slice(0, mostAhead)));
      prefetch(trial.index + 1);
      const before = trials.find((other) => other.index === trial.index - 1);
      const page = type.trialPage({
        trial, block: session.blocks[trial.block], words, language: study.language, player, sound, draft: session.draft(part),
        wishes: session.storage, note: (kind, what) => session.log.note(kind, what), say,
        remark: trial.training ? words.trial.practiceNote : before?.training ? words.trial.countsNow : null,
      });
      place();
      const answer = await stay(page, name);
      pace.took(trial, answer.response_ms / 1000);
      const saved = session.answer({ step: part.step, trial: trial.index, ...answer });
      if (trial.training && session.blocks[trial.block].gives_feedback) await tellWhetherRight(saved, name);
    },
  };

  frame.place(study.title);
  if (study.may_withdraw && session.state === "active") {
    const confirm = confirmation(words.withdrawing.stay);
    const { what, stop, kept, deleted, asked, keep, remove } = words.withdrawing;
    const [fate, ...acts] = study.withdrawn_answers === "asked" ? [asked, keep, remove] : [study.withdrawn_answers ? deleted : kept, stop];
    document.body.append(confirm.node);
    frame.stopping({
      text: words.withdrawing.ask,
      async press() {
        player.stop();
        const act = await confirm.choose(words.withdrawing.title, `${what} ${fate}`, acts);
        if (act < 0) return;
        await session.withdraw(study.withdrawn_answers === "deleted" || act === 1).catch((error) => {
          if (!(error instanceof Away)) throw error;
          frame.notice(words.trouble.away);
        });
      },
    });
  }
  if (!session.isDone({ step: "volume", number: 0 })) player.load(study.volume.audio);
  // Who comes back may have turned it since; a break says so itself.
  else if (session.state === "active" && session.parts.find((part) => !session.isDone(part))?.step !== "break") frame.say(words.volume.kept);
  // A preview may begin anywhere, also with what was answered already.
  const wish = session.preview ? new URLSearchParams(location.search).get("part") : null;
  for (const [i, part] of session.parts.entries()) {
    if (session.state !== "active" && session.state !== "finished") break;
    if (wish ? i < Number(wish) : session.isDone(part)) continue;
    const next = firstOpen();
    // Between trials, the line that tells how far it is stays.
    if (part.step !== "trial") frame.place(`${isolated(study.title, words.language)} · ${left(part)}`, next === trials[0] ? null : next ? 1 - ahead(next.index) / whole : 1);
    await steps[part.step](part);
  }
  if (session.state === "screened_out" || session.state === "ended") {
    bidFarewell({ session, frame, words });
    return;
  }

  frame.place(study.title, 1);
  await Promise.race([handOver(), session.over]);
  if (!session.finish) {
    frame.only(words.finish.title, words.finish.notTaken, { text: words.tryAgain, press: () => location.reload() });
    return;
  }
  bidFarewell({ session, frame, words });

  /** Waits until the server has all answers and events, and has said how it ends. */
  async function handOver() {
    const { letters } = session;
    session.log.flush();
    if (letters.some((box) => box.pending.length > 0)) frame.only(words.finish.title, words.finish.sending);
    do await Promise.all(letters.map((box) => box.settled()));
    while (letters.some((box) => box.pending.length > 0 || box.retry()));
    while (!session.finish) {
      try {
        await session.refresh();
        return;
      } catch (error) {
        if (!(error instanceof Away)) throw error;
        await new Promise((resolve) => setTimeout(resolve, soundRetryMs));
      }
    }
  }
}

/**
 * Shows how the session has ended, and where to go from there.
 * @param {{session: import("./session.js").Session, frame: import("./frame.js").Frame, words: Words}} parts
 */
export function bidFarewell({ session, frame, words }) {
  const finish = session.finish ?? { text: "", redirect: null, outcome: /** @type {const} */ ("screened_out") };
  session.storage.remove("token");
  session.storage.write("finished", session.token); // It opens the last page once more, here and nowhere else.
  frame.stopping(null);
  const page = finishPage({ finish, words, notTaken: session.preview ? 0 : session.responses.aside.length });
  frame.show(page, `${page.heading.textContent} – ${session.study.title}`);
}

/** Learns how fast this listener is, and trusts the study's own expectation less with every trial. */
function paceOf() {
  const trusted = 120;
  let expected = trusted;
  let taken = trusted;
  return {
    /** @param {Server.Trial} trial @param {number} seconds */
    took(trial, seconds) {
      expected += trial.seconds;
      taken += Math.min(seconds, 4 * trial.seconds); // Who leaves for a coffee is not slow.
    },
    /** @param {number} seconds */
    expected: (seconds) => (seconds * taken) / expected,
  };
}
