import { Away, Refused } from "../api.js";
import { confirmation } from "../controls/confirmation.js";
import { finishPage } from "../pages/finish.js";

// How a session ends: everything is delivered and the listener is told so, or the listener stops before that.

const retryMs = 3000;

/** @typedef {Pick<import("../way.js").WayParts, "session" | "frame" | "words">} Around */

/**
 * Offers to stop before the end and, if the study lets listeners decide, asks what should happen to the answers.
 * @param {Around & {player: Player}} around
 */
export function offerWithdrawal({ session, frame, player, words }) {
  const { study } = session;
  let isStopping = false;
  let wake = () => {};
  /** Tells the server what the listener wished last, however long it is away. */
  const stopNow = async () => {
    isStopping = true;
    while (isStopping && session.leaving !== null) {
      try {
        await session.withdraw(session.leaving);
        isStopping = false;
        frame.notice(null);
      } catch (error) {
        isStopping = error instanceof Away;
        if (error instanceof Refused) frame.notice(error.message);
        else if (!isStopping) throw error;
        else await new Promise((resolve) => {
          wake = () => resolve(null);
          frame.notice(words.trouble.away, { text: words.tryAgain, press: wake });
          addEventListener("online", wake, { once: true });
          setTimeout(wake, retryMs);
        });
      }
    }
    isStopping = false;
  };
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
      session.leaving = study.withdrawn_answers === "deleted" || act === 1;
      if (isStopping) wake();
      else await stopNow();
    },
  });
  if (session.leaving !== null) stopNow(); // Before a reload, the server could not be told.
}

/**
 * Waits until the server has all answers and events, and has said how the session ends.
 * @param {Around} around
 */
export async function handOver({ session, frame, words }) {
  const { outboxes } = session;
  session.log.flush();
  if (outboxes.some((box) => box.pending.length > 0)) frame.only(words.finish.title, words.finish.sending);
  do await Promise.all(outboxes.map((box) => box.settled()));
  while (outboxes.some((box) => box.pending.length > 0 || box.retry()));
  while (!session.finish) {
    try {
      await session.refresh();
      return;
    } catch (error) {
      if (!(error instanceof Away)) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}

/**
 * Shows how the session ended, and where to go from there.
 * @param {Around} around
 */
export function bidFarewell({ session, frame, words }) {
  const finish = session.finish ?? { text: "", redirect: null, outcome: /** @type {const} */ ("screened_out") };
  session.storage.remove("token");
  session.storage.write("finished", session.token); // This makes the last page open again, only in this browser.
  frame.stopping(null);
  const page = finishPage({ finish, words, notTaken: session.preview ? 0 : session.responses.aside.length });
  frame.show(page, `${page.heading.textContent} – ${session.study.title}`);
}
