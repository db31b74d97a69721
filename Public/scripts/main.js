import { address, Away, freshKey, get, post, Refused } from "./api.js";
import { el, speakOwn } from "./dom.js";
import { Frame } from "./frame.js";
import { languageOf, nameTheSame, parametersOf } from "./link.js";
import { directionOf } from "./message.js";
import { finishPage } from "./pages/finish.js";
import { welcomePage } from "./pages/welcome.js";
import { keepPages } from "./offline.js";
import { Player } from "./player.js";
import { join, Session, tokenInAddress } from "./session.js";
import { openStorage } from "./storage.js";
import { claimTab } from "./tabs.js";
import { typesOf } from "./trials/registry.js";
import { walk } from "./way.js";
import { bidFarewell } from "./way/ending.js";
import { bestLanguage, overridden, wordsFor } from "./words.js";

// The participant's page: welcome and consent at the study's root, everything after that at `t/TOKEN` below it.

const longestPauseMs = 10000;
/** In milliseconds: how often to check whether a closed study has opened. */
const waitingMs = 10000;

/** @typedef {import("./storage.js").Storage} Storage */

/**
 * Repeats a request until the server answers. Meanwhile it says that the server cannot be reached.
 * @template T
 * @param {() => Promise<T>} ask
 * @param {Frame} frame
 */
async function patiently(ask, frame, away = frame.words.trouble.away) {
  for (let pause = 1000; ; pause = Math.min(longestPauseMs, pause * 2)) {
    try {
      const answer = await ask();
      frame.notice(null);
      return answer;
    } catch (error) {
      if (!(error instanceof Away)) throw error;
      await new Promise((resolve) => {
        frame.notice(away, { text: frame.words.tryAgain, press: resolve });
        addEventListener("online", resolve, { once: true });
        setTimeout(resolve, pause);
      });
    }
  }
}

/**
 * @param {string} language @param {Record<string, string>} [own] the study's replacements for messages of the pages
 * @param {Server.Logo} [logo] @returns {Promise<Frame>} an empty page in that language
 */
async function speak(language, own, logo) {
  const words = overridden(await wordsFor(language), own);
  // If the pages do not speak it, the study's own texts are marked as being in that language, and everything else is in
  // English.
  const isSpoken = words.language === language.split("-")[0].toLowerCase();
  document.documentElement.lang = isSpoken ? language : words.language;
  document.documentElement.dir = directionOf(isSpoken ? language : words.language);
  speakOwn(isSpoken ? null : language);
  return new Frame(words, logo);
}

/** @param {Storage} storage @returns {Promise<string>} the session's token */
async function welcome(storage) {
  const wish = languageOf();
  const link = parametersOf();
  const frame = await speak(wish ?? navigator.language ?? "en");
  const study = await patiently(() => get("/api/study"), frame);
  const reception = { study, frame, storage, link };
  const told = await agreed(reception, bestLanguage(study.languages, [wish, ...(navigator.languages ?? [navigator.language])]));
  reception.frame.only(reception.frame.words.welcome.joining);
  const token = await patiently(() => join(storage, { ...told, parameters: link }), reception.frame);
  /** @type {HTMLLinkElement | null} */
  const icon = document.querySelector("link[rel=icon]");
  if (icon) icon.href = icon.href; // Make it absolute, since it is relative to the URL, which is about to change.
  history.replaceState(null, "", address(`t/${token}`));
  return token;
}

/**
 * The state for newcomers: the latest information on the study, and the frame in the language chosen last.
 * @typedef {{study: Server.Study, frame: Frame, storage: Storage, link: [string, string][]}} Reception
 */

/**
 * Shows the welcome page, in any language, until somebody wants to take part.
 * @param {Reception} reception @param {string} language the first one shown
 * @returns {Promise<{language: string, consent: boolean}>}
 */
function agreed(reception, language) {
  return new Promise((resolve) => {
    /** @param {string} language */
    const show = async (language) => {
      const { study, storage, link } = reception;
      const text = study.texts[language];
      const frame = await speak(language, text.pages, text.logo);
      reception.frame = frame;
      const farewell = study.closed === "full" ? await goodbye("quota_full", language).catch(() => null) : null;
      const page = welcomePage({
        study, language, words: frame.words, begun: begunHere(storage, link), isNamed: link.length > 0,
        isPreview: link.some(([, value]) => value === "ASSIGNMENT_ID_NOT_AVAILABLE"),
        speak: (other) => { over(); show(other); }, farewell,
        async comeBack(code) {
          const token = await returnBy(code, frame);
          if (token === "unknown" || token === "tooMany") return token;
          over();
          location.assign(address(`t/${token}`));
          return null;
        },
        async decline() {
          const finish = await patiently(() => goodbye("no_consent", language), frame);
          over();
          frame.show(finishPage({ finish, words: frame.words }), text.title);
        },
      });
      const end = whenItChanges(reception, () => { over(); show(language); });
      const over = () => { end(); page.leave(); };
      frame.place("");
      if (study.preview) frame.previewing(frame.words.preview.note(study.preview));
      frame.show(page, text.title);
      page.done.then((answer) => { over(); resolve(answer); });
    };
    show(language);
  });
}

/**
 * Continues a session that was begun elsewhere.
 * @param {string} code @param {Frame} frame
 * @returns {Promise<string>} its token, or why there is none: `unknown` or `tooMany`
 */
async function returnBy(code, frame) {
  const key = freshKey();
  const ask = async () => {
    try {
      return (await post("/api/return", { key, code })).token;
    } catch (error) {
      if (error instanceof Away && error.status === 429) return "tooMany";
      if (error instanceof Refused) return "unknown";
      throw error;
    }
  };
  return patiently(ask, frame);
}

/**
 * While a study is closed, asks regularly whether it still is.
 * @param {Reception} reception @param {() => void} changed
 * @returns {() => void} stops asking
 */
function whenItChanges(reception, changed) {
  const { open, closed } = reception.study;
  if (open || closed === "over" || closed === "full") return () => {};
  const wait = setInterval(async () => {
    const before = reception.study;
    const now = await get("/api/study").catch(() => before);
    if (now.open === before.open && now.closed === before.closed && now.message === before.message) return;
    reception.study = now;
    changed();
  }, waitingMs);
  return () => clearInterval(wait);
}

/**
 * What the study says to someone who has no session.
 * @param {"no_consent" | "quota_full"} outcome @param {string} language
 */
function goodbye(outcome, language) {
  return post("/api/leave", { outcome, language, parameters: parametersOf() });
}

/**
 * A session stored on this device. If the link identifies a listener and differs from the stored one, the session is
 * ignored, because devices may be shared.
 * @param {Storage} storage
 * @param {[string, string][]} link
 * @param {(one: [string, string][], other: [string, string][]) => boolean} isSame whether two links are the same listener's
 * @returns {{isFinished: boolean, goOn: () => void} | null}
 */
function begunHere(storage, link, isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other)) {
  const begun = storage.read("token");
  const token = begun ?? storage.read("finished");
  if (!token || (link.length > 0 && !isSame(link, JSON.parse(storage.read("link") ?? "[]")))) return null;
  return { isFinished: !begun, goOn: () => location.assign(address(`t/${token}`)) };
}

/** @param {string} token @param {Storage} storage */
async function takePart(token, storage) {
  const { session, frame, tab } = await enter(token, storage);
  const { words } = frame;
  if (session.finish === null && !storage.write("token", token)) frame.say(words.saving.unkept);

  const types = await typesOf(session.trials);
  keepPages(address);
  const player = new Player();
  frame.hush(player);
  // In a preview, a part may be answered twice, and nothing is stored anyway.
  if (session.preview) frame.previewing(words.preview.note(session.preview), jump(session, words));
  else for (const box of session.outboxes) for (const kind of /** @type {const} */ (["change", "refused"])) box.addEventListener(kind, () => frame.saving(...saved(session)));
  for (const box of session.outboxes) if (box.pending.length > 0) box.flush();
  watchDevice(session, frame, player);
  tab.lost.then(async () => {
    await Promise.all(session.outboxes.map((box) => (box.kept ? null : box.settled())));
    for (const box of session.outboxes) box.close();
    location.reload(); // After the reload it notices that it is the second tab, and says so.
  });

  try {
    await walk({ session, frame, player, words, types });
  } catch (error) {
    if (!(error instanceof Refused) || !["study_changed", "withdrawn"].includes(error.code)) throw error;
    // The answer to this request says how the session ended.
    await patiently(() => session.refresh(), frame, frame.words.trouble.awayKept);
    if (session.state !== "ended") throw error;
    bidFarewell({ session, frame, words });
  }
}

/**
 * Opens the session in its language, and only in this tab.
 * @param {string} token @param {Storage} storage
 */
async function enter(token, storage) {
  let frame = await speak(document.documentElement.lang || navigator.language || "en");
  const tab = claimTab(token);
  addEventListener("pagehide", () => tab.close());
  const open = () => patiently(() => Session.open(token, storage), frame, frame.words.trouble.awayKept);
  let [session, free] = await Promise.all([open(), tab.free]);
  frame = await speak(session.study.language, session.study.pages, session.study.logo);
  const { trouble } = frame.words;
  frame.place(session.study.title);
  if (!free) {
    await new Promise((resolve) => {
      frame.only(trouble.otherTab, trouble.otherTabHow, { text: trouble.here, press: resolve });
    });
    tab.takeOver();
    session = await open(); // Includes what the other tab has saved meanwhile.
  }
  return { session, frame, tab };
}

/**
 * Records changes of the connection, the device and the page, and resumes what they had suspended.
 * @param {Session} session @param {Frame} frame @param {Player} player
 */
function watchDevice(session, frame, player) {
  const { words } = frame;
  const comeBack = () => {
    player.revive();
    for (const box of session.outboxes) if (box.pending.length > 0) box.flush();
  };
  addEventListener("online", () => { session.log.note("reconnect"); comeBack(); });
  navigator.mediaDevices?.addEventListener("devicechange", () => {
    session.log.note("output");
    if (session.state === "active" && session.isDone({ step: "volume", number: 0 })) {
      frame.notice(words.volume.changed, { text: words.goOn, press: () => frame.notice(null) });
    }
  });
  addEventListener("focus", () => session.log.note("focus"));
  addEventListener("blur", () => session.log.note("blur"));
  document.addEventListener("visibilitychange", () => {
    session.log.note(document.visibilityState === "visible" ? "visible" : "hidden");
    if (document.visibilityState === "visible") comeBack();
    else session.log.flush();
  });
  addEventListener("pagehide", () => session.log.flush());
  for (const gesture of ["pointerdown", "keydown"]) document.addEventListener(gesture, () => player.revive());
  addEventListener("beforeunload", (event) => {
    if (!session.outboxes.some((box) => !box.kept && box.pending.length > 0)) return;
    event.preventDefault(); // These answers exist only in this page.
    event.returnValue = true; // Chrome before 119 does not ask otherwise.
  });
}

/** @param {Session} session @param {Words} words @returns {HTMLElement} a control that leads to any part of a preview */
function jump({ parts, trials }, words) {
  const practice = trials.filter((trial) => trial.training).length;
  const names = parts.map(({ step, number }) => {
    if (step !== "trial") return words[step].title;
    return number > practice ? words.trial.number(number - practice, trials.length - practice) : practice > 1 ? words.trial.practice(number, practice) : words.trial.practiceOnly;
  });
  const list = el("select", { "aria-label": words.preview.jump, on: { change: () => { location.search = `?part=${list.value}`; } } },
    el("option", { value: "" }, words.preview.jump), ...names.map((name, i) => el("option", { value: i }, `${i + 1}. ${name}`)));
  return list;
}

/**
 * The saving state to show, problems first.
 * @param {Session} session
 * @returns {Parameters<Frame["saving"]>}
 */
function saved({ outboxes, responses }) {
  if (outboxes.some((box) => box.state === "away")) return [outboxes.every((box) => box.kept) ? "away" : "awayUnkept"];
  const refused = responses.aside.filter((letter) => letter.refusal.code !== "already_answered").length;
  if (refused > 0) return ["refused", refused];
  return [responses.aside.length > 0 ? "elsewhere" : responses.state];
}

/** Refusals that a retry would not change. */
const settled = new Set(["already_finished", "closed", "quota_full", "id_required", "not_invited"]);

/**
 * What went wrong, and what to do, in the listener's language.
 * @param {unknown} error
 * @param {Words} words
 */
function told(error, { trouble, leaving, closed, welcome: words }) {
  /** @type {Record<string, string[]>} */
  const known = {
    unknown_token: [trouble.unknown, trouble.unknownHow], study_changed: [leaving.study_changed.title, leaving.study_changed.why],
    screened_out: [leaving.screened_out.title, leaving.screened_out.why],
    already_finished: [words.finishedBefore, words.finishedBeforeWhy], closed: [words.closed],
    places_taken: [closed.taken], quota_full: [leaving.quota_full.title, leaving.quota_full.why], id_required: [closed.needsID, closed.needsIDHow], not_invited: [closed.needsID, closed.needsIDHow],
    withdrawn: [leaving.withdrawn.title, leaving.withdrawn.why],
  };
  if (error instanceof Refused) return known[error.code] ?? [error.message, error.mend];
  return [trouble.failed];
}

async function start() {
  if (document.documentElement.hasAttribute("data-stopped")) return; // browser-check.js has already said why.
  const storage = openStorage();
  try {
    const token = tokenInAddress() ?? await welcome(storage);
    await takePart(token, storage);
  } catch (error) {
    const frame = await speak(document.documentElement.lang || "en");
    const [title, text] = told(error, frame.words);
    const code = error instanceof Refused ? error.code : "";
    const finish = code === "quota_full" ? await goodbye("quota_full", frame.words.language).catch(() => null) : null;
    if (finish) {
      frame.show(finishPage({ finish, words: frame.words }));
      return;
    }
    // The server has said that this listener has been here, so a link for another session of theirs is as good as the first.
    const begun = ["already_finished", "withdrawn"].includes(code) ? begunHere(storage, parametersOf(), nameTheSame) : null;
    frame.only(title, text, begun ? { text: frame.words.welcome.lastPage, press: begun.goOn }
      : code === "unknown_token" ? { text: frame.words.trouble.toStart, press: () => location.assign(address("")) }
      : settled.has(code) || (code === "withdrawn" && !tokenInAddress()) ? undefined : { text: frame.words.trouble.reload, press: () => location.reload() });
    if (!(error instanceof Refused)) throw error;
  }
}

// A page restored from the browser's back/forward cache is outdated.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
start();
