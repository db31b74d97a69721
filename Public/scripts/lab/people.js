import { get, post } from "../api.js";
import { el, freshId, tell } from "../dom.js";
import { ago, counted, number, section, shareBar, table } from "./parts.js";
import { timelineDialog } from "./timeline.js";

// Who took part: one row per session, from which the session can be opened, excluded and deleted.

/** @typedef {import("./acts.js").Desk} Desk */

const stateWords = { active: "taking part", finished: "finished", away: "away", ended: "ended early" };

/** @param {Server.Participant} one @returns {string} how the session stands, in words */
const stateOf = ({ state, outcome, flags, excluded, sitting }) => [
  (stateWords[state] ?? state) + (outcome ? ` (${outcome.replace("_", " ")})` : ""),
  flags && `flagged: ${flags.replaceAll("_", " ").replaceAll(";", ", ")}`, excluded !== undefined && `excluded: ${excluded}`,
  sitting > 1 && `sitting ${sitting}`].filter(Boolean).join(", ");

/** @param {Desk} desk */
export function peopleCard(desk) {
  const who = table("Participants", [
    ["No.", "number"], ["State", "cut"], ["Trials", "number"], ["", "bar"], ["Began"], ["Last seen"], ["Headphones"], ["From", "cut"], ["Id", "cut"], ["", "act"],
  ]);
  const nobody = el("p", { class: "faint" }, "Nobody yet. Send the invitation above to the first listener.");
  const found = el("p", { class: "faint", role: "status" });
  const timeline = timelineDialog(desk.failed);
  let mayChange = false;
  const openers = openerOf((one) => timeline.open(one, ...(mayChange ? [purge(one, desk, () => timeline.node.close())] : [])));
  const decisions = decisionOf(desk);
  /** @type {Server.Status | null} */
  let last = null;
  const search = searchOf(desk, () => { if (last) show(last); });
  /** @param {Server.Status} status */
  const show = (status) => {
    last = status;
    const { records, trials_per_participant: trials } = status;
    mayChange = status.me.role === "owner";
    const matches = search.matches();
    const people = matches ?? records.participants;
    search.node.hidden = records.joined === 0;
    who.node.hidden = people.length === 0;
    nobody.hidden = people.length > 0 || matches !== null;
    who.show(people.map((one) => [
      openers(one), stateOf(one), `${number(one.trials_done)} of ${number(trials)}`, shareBar(one.trials_done / trials), ago(one.started_at),
      ago(one.last_seen_at), one.headphone_check ?? "–", one.recruited_from ?? "–", one.external_id ?? "–", mayChange ? decisions(one) : "",
    ]));
    tell(found, matches ? `${counted(matches.length, "session")} found.`
      : records.joined > people.length ? `The newest ${number(people.length)} of ${number(records.joined)}.` : "");
  };
  return { node: section("Who took part?", search.node, found, who.node, nobody), dialog: timeline.node, look: search.look, show };
}

/**
 * Searches for sessions by the text in a field.
 * @param {Desk} desk
 * @param {() => void} found
 */
function searchOf({ attempt }, found) {
  /** @type {Server.Participant[] | null} the sessions found; null without a search */
  let matches = null;
  /** Repeats the search, to show the current state. */
  const look = async () => {
    const text = field.value.trim();
    const people = text ? await get(`/lab/api/participants?text=${encodeURIComponent(text)}`) : null;
    if (text === field.value.trim()) matches = people;
  };
  const field = el("input", { type: "search", id: freshId("sought"), on: {
    input: () => attempt("The search failed.", async () => {
      await look();
      found();
    }),
  } });
  return { node: el("div", {}, el("label", { for: field.id }, "Find by number, id, group or origin"), field), look, matches: () => matches };
}

/**
 * One button per session, which keeps the focus when the rows are redrawn.
 * @returns {(one: Server.Participant) => HTMLButtonElement}
 */
function buttons() {
  /** @type {Map<number, HTMLButtonElement>} by session */
  const known = new Map();
  return ({ session }) => {
    const button = known.get(session) ?? el("button", { type: "button", class: "quiet" });
    known.set(session, button);
    return button;
  };
}

/**
 * @param {(one: Server.Participant) => void} open shows the session's timeline
 * @returns {(one: Server.Participant) => HTMLElement}
 */
function openerOf(open) {
  const buttonOf = buttons();
  return (one) => {
    const button = buttonOf(one);
    tell(button, number(one.participant));
    button.setAttribute("aria-label", `Timeline of No. ${one.participant}`);
    button.onclick = () => open(one);
    return button;
  };
}

/** @param {Desk} desk @returns {(one: Server.Participant) => HTMLElement} a button that excludes the session from analyses, or includes it again */
function decisionOf({ confirm, attempt, poll }) {
  const buttonOf = buttons();
  return (one) => {
    const { excluded, participant, session } = one;
    const isIn = excluded === undefined;
    const button = buttonOf(one);
    tell(button, isIn ? "Exclude …" : "Include again …");
    button.setAttribute("aria-label", `${button.textContent} No. ${participant}`);
    button.onclick = async () => {
      const [title, name] = isIn ? [`Exclude No. ${participant}?`, "Exclude"] : [`Include No. ${participant} again?`, "Include again"];
      const reason = await confirm.askWhy(title, "Analyses ignore the rows of an excluded session, and it does not fill a place. Nothing is deleted. Your reason is recorded, also in participants.csv.", name, "Why?");
      if (reason === null) return;
      await attempt(`No. ${participant} was not ${isIn ? "excluded" : "included again"}.`, async () => {
        await post("/lab/api/exclude", { session, excluded: isIn, reason });
        await poll();
      });
    };
    return button;
  };
}

/**
 * @param {Server.Participant} one @param {Desk} desk @param {() => void} begun @returns {HTMLElement} a button that deletes everything about the session after its number was typed
 */
function purge({ participant, session }, { confirm, attempt, poll }, begun) {
  return el("button", {
    value: "",
    on: {
      async click() {
        begun();
        const typed = await confirm.askWhy(`Withdraw No. ${participant} and delete everything?`,
          "Everything that this participant answered, and everything the link said about them, is deleted for good, here and from all future tables. Earlier backups and tables still contain it. The deletion itself is recorded, with the number.",
          "Delete everything", `Type ${participant} to confirm`, String(participant));
        if (typed === null) return;
        await attempt(`No. ${participant} was not deleted.`, async () => {
          await post("/lab/api/purge", { session, participant });
          await poll();
        });
      },
    },
  }, "Withdraw and delete …");
}
