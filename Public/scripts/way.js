import { isolated } from "./message.js";
import { bidFarewell, handOver, offerWithdrawal } from "./way/ending.js";
import { itineraryOf } from "./way/itinerary.js";
import { aheadOf, soundPlayer } from "./way/sounds.js";
import { steps } from "./way/steps.js";

// Takes one listener through the session, step by step, as the server lists them. Steps that are already answered are
// skipped, so the same code also continues after a reload.

/**
 * @typedef {object} WayParts
 * @property {import("./session.js").Session} session
 * @property {import("./frame.js").Frame} frame
 * @property {Player} player
 * @property {Words} words
 * @property {Record<string, import("./trials/registry.js").TrialType>} types trial types by name
 */

/** @typedef {ReturnType<typeof wayOf>} Way what each step receives */

/**
 * @param {WayParts} parts
 * @returns {Promise<void>} resolves once the last page is shown
 */
export async function walk(parts) {
  const way = wayOf(parts);
  const { session, frame, player, words, itinerary } = way;
  const { study, trials } = session;
  noteChecks(way);
  frame.place(study.title);
  if (study.may_withdraw && session.state === "active") offerWithdrawal(way);
  if (!session.isDone({ step: "volume", number: 0 })) player.load(study.volume.audio);
  // Returning listeners may have changed the volume since; a break page reminds them itself.
  else if (session.state === "active" && session.parts.find((part) => !session.isDone(part))?.step !== "break") frame.say(words.volume.kept);
  // A preview may start anywhere, even with parts that were answered already.
  const wish = session.preview ? new URLSearchParams(location.search).get("part") : null;
  for (const [i, part] of session.parts.entries()) {
    if (session.state !== "active" && session.state !== "finished") break;
    if (wish ? i < Number(wish) : session.isDone(part)) continue;
    const next = trials.find(({ index }) => !session.isDone({ step: "trial", number: index }));
    // Between trials, the progress line stays.
    if (part.step !== "trial") frame.place(`${isolated(study.title, words.language)} · ${itinerary.left(part)}`, next === trials[0] ? null : next ? itinerary.doneBefore(next) : 1);
    await steps[part.step](way, part);
  }
  if (session.state !== "screened_out" && session.state !== "ended") {
    frame.place(study.title, 1);
    await Promise.race([handOver(way), session.over]);
    if (!session.finish) {
      frame.only(words.finish.title, words.finish.notTaken, { text: words.tryAgain, press: () => location.reload() });
      return;
    }
  }
  bidFarewell(way);
}

/** @param {WayParts} parts */
function wayOf(parts) {
  const { session, frame, player } = parts;
  let remark = "";
  /** @param {string} text shown in passing, until a sound is heard or the page is left */
  const say = (text) => { remark = text; frame.say(text); };
  const unsay = () => { if (remark !== "") say(""); };
  player.addEventListener("start", unsay);
  return {
    ...parts, say, sound: soundPlayer(parts), ahead: aheadOf(parts), itinerary: itineraryOf(parts),
    /**
     * Shows a page until it is left, or until the session is over.
     * @template Told
     * @param {Page<Told>} page
     * @param {string} name
     */
    async stay(page, name) {
      frame.show(page, `${name} – ${session.study.title}`);
      try {
        return await Promise.race([page.done, session.over]);
      } finally {
        player.stop();
        page.leave();
        unsay();
        session.log.flush();
      }
    },
  };
}

/**
 * Records what the checks play. A trial's own page records what it plays.
 * @param {Pick<WayParts, "session" | "player">} parts
 */
function noteChecks({ session, player }) {
  for (const [happening, kind] of /** @type {const} */ ([["start", "play"], ["end", "stop"]])) {
    player.addEventListener(happening, ({ detail }) => {
      if (["volume", "headphones"].includes(detail.owner)) session.log.note(kind, { stimulus: detail.owner });
    });
  }
}
