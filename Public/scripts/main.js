import { Away, get, Refused } from "./api.js";
import { el } from "./dom.js";
import { Frame } from "./frame.js";
import { welcomePage } from "./pages/welcome.js";
import { Player } from "./player.js";
import { join, Session, tokenInAddress } from "./session.js";
import { openStorage } from "./storage.js";
import { claimTab } from "./tabs.js";
import { walk } from "./way.js";
import { bestLanguage, directionOf, wordsFor } from "./words.js";

// The participant's page: welcome and consent at `/`, everything after it at `/t/TOKEN`.

const longestPauseMs = 10000;

/** Asks until the server answers; meanwhile says that it is away. */
async function patiently(ask, frame) {
  for (let pause = 1000; ; pause = Math.min(longestPauseMs, pause * 2)) {
    try {
      const answer = await ask();
      frame.notice(null);
      return answer;
    } catch (error) {
      if (!(error instanceof Away)) throw error;
      await new Promise((resolve) => {
        frame.notice(frame.words.trouble.away, { text: frame.words.tryAgain, press: resolve });
        addEventListener("online", resolve, { once: true });
        setTimeout(resolve, pause);
      });
    }
  }
}

/** @param {string} language @returns {Frame} an empty page in that language */
function speak(language) {
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
  return new Frame(wordsFor(language));
}

async function welcome(storage) {
  const wishes = new URLSearchParams(location.search);
  let frame = speak(wishes.get("lang") ?? navigator.language);
  const study = await patiently(() => get("/api/study"), frame);
  const mine = storage.read("token");
  const begun = mine ? { goOn: () => location.assign(`/t/${mine}`) } : null;
  const wanted = [wishes.get("lang"), ...navigator.languages];
  const told = await new Promise((resolve) => {
    const show = (language) => {
      frame = speak(language);
      const page = welcomePage({ study, language, words: frame.words, begun, speak: (other) => { page.leave(); show(other); } });
      frame.place("");
      frame.show(page, study.title);
      page.done.then((answer) => { page.leave(); resolve(answer); });
    };
    show(bestLanguage(study.languages, wanted));
  });
  frame.only(frame.words.welcome.joining);
  const token = await patiently(
    () => join(storage, { ...told, recruited_from: wishes.get("from"), external_id: wishes.get("id") }), frame);
  history.replaceState(null, "", `/t/${token}`);
  return token;
}

async function takePart(token, storage) {
  let frame = speak(document.documentElement.lang || navigator.language);
  const tab = claimTab(token);
  addEventListener("pagehide", () => tab.close());
  let [session, free] = await Promise.all([patiently(() => Session.open(token, storage), frame), tab.free]);
  frame = speak(session.study.language);
  const { words } = frame;
  frame.place(session.study.title);
  if (!free) {
    await new Promise((resolve) => {
      frame.only(words.trouble.otherTab, words.trouble.otherTabHow, { text: words.trouble.here, press: resolve });
    });
    tab.takeOver();
    session = await patiently(() => Session.open(token, storage), frame); // With what the other tab saved meanwhile.
  }
  if (session.finish === null && !storage.write("token", token)) frame.say(words.saving.unkept);

  const player = new Player();
  session.responses.addEventListener("change", () => frame.saving(session.responses.state));
  for (const box of session.letters) if (box.pending.length > 0) box.flush();

  const comeBack = () => {
    player.revive();
    for (const box of session.letters) if (box.pending.length > 0) box.flush();
  };
  addEventListener("online", () => { session.log.note("reconnect"); comeBack(); });
  addEventListener("focus", () => session.log.note("focus"));
  addEventListener("blur", () => session.log.note("blur"));
  document.addEventListener("visibilitychange", () => {
    session.log.note(document.visibilityState === "visible" ? "visible" : "hidden");
    if (document.visibilityState === "visible") comeBack();
    else session.log.flush();
  });
  addEventListener("pagehide", () => session.log.flush());
  for (const gesture of ["pointerdown", "keydown"]) document.addEventListener(gesture, () => player.revive());
  tab.lost.then(() => {
    for (const box of session.letters) box.close();
    location.reload(); // It finds itself to be the second tab and says so.
  });

  await walk({ session, frame, player, words });
}

async function start() {
  const storage = openStorage();
  try {
    const token = tokenInAddress() ?? await welcome(storage);
    await takePart(token, storage);
  } catch (error) {
    const { words } = new Frame(wordsFor(document.documentElement.lang));
    const told = error instanceof Refused && error.code === "unknown_token" ? words.trouble.unknown
      : error instanceof Refused ? `${error.message} ${error.mend}` : words.trouble.failed;
    document.querySelector("main").replaceChildren(el("section", { class: "page only" }, el("h1", {}, told),
      el("div", { class: "onward" }, el("button", { type: "button", class: "primary", on: { click: () => location.reload() } }, words.trouble.reload))));
    if (!(error instanceof Refused)) throw error;
  }
}

// A page that comes back out of the browser's back cache is stale.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
start();
