import { address, Away, get, getIfNew, post, Refused, root, within } from "../api.js";
import { confirmation } from "../controls/confirmation.js";
import { copyButton } from "../controls/copy-button.js";
import { el, fill, freshId, tell } from "../dom.js";
import { coverageTable } from "./coverage.js";
import { pageFigures } from "./pages.js";
import { counted, figure, number, share, shareBar, table } from "./parts.js";
import { keepUp } from "./sign-in.js";
import { timelineDialog } from "./timeline.js";

// The experimenter's page. It answers in this order: is it running well, how far is it, is it good, what can I do, and who
// took part.

const pollMs = 3000;
/** A server that does not answer so soon is not said to run well. */
const patienceMs = 5000;
const shownLinks = 5;
const downloads = [
  ["export.zip", "all of these, of one moment"],
  ["ratings.csv", "one row per rating"], ["participants.csv", "who took part, and their answers"],
  ["events.csv", "every play, stop and touch"], ["stimuli.csv", "what was heard, and how it was prepared"],
  ["rankings.csv", "what the systems proposed"], ["refused.csv", "answers that were refused, as they were sent"],
  ["submissions.csv", "whom to approve; of a panel's people in submissions-prolific.csv, -mturk, -cloudresearch and -sona"],
  ["invitations.csv", "single-use links, for a study with joining.by_invitation"], ["datapackage.json", "what every column means"],
];
/** What is said of newcomers, by why they are turned away. */
const recruitmentWords = {
  open: "Recruitment is open.", paused: "Recruitment is paused.", early: "Recruitment is not open yet (joining.opens).",
  hours: "Recruitment is open at other hours (joining.hours).", over: "Recruitment is over (joining.closes).",
  taken: "All places are taken by listeners who are under way.", full: "All the listeners that are wanted have finished.",
};
const stateWords = { active: "taking part", finished: "finished", away: "away", ended: "ended early" };

/** @param {string} iso @returns {string} how long ago that was, in words */
function ago(iso) {
  const seconds = (Date.now() - Date.parse(iso)) / 1000;
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 45) return "now";
  /** @type {[Intl.RelativeTimeFormatUnit, number][]} */
  const steps = [["minute", 60], ["hour", 3600], ["day", 86400]];
  const [unit, size] = [...steps].reverse().find(([, each]) => seconds >= each * 0.75) ?? steps[0];
  return new Intl.RelativeTimeFormat("en", { numeric: "always", style: "short" }).format(-Math.round(seconds / size), unit);
}

/** @param {Server.Participant} one @returns {string} how the session stands, in words */
const stateOf = ({ state, outcome, flags, excluded, sitting }) => [
  (stateWords[state] ?? state) + (outcome ? ` (${outcome.replace("_", " ")})` : ""),
  flags && `flagged: ${flags.replaceAll("_", " ").replaceAll(";", ", ")}`, excluded !== undefined && `left out: ${excluded}`,
  sitting > 1 && `sitting ${sitting}`].filter(Boolean).join(", ");

function build() {
  const title = el("h1", {}, "Lab");
  const version = el("p", { class: "faint version" });
  const me = el("p", { class: "faint me", hidden: true }, "");
  const leave = el("button", {
    type: "button", class: "quiet",
    on: {
      async click() {
        try {
          await post("/sign-out", {});
          location.reload();
        } catch (error) {
          tell(health, told(error));
        }
      },
    },
  }, "Sign out");
  const health = el("p", { class: "health", role: "status" }, "Loading …");
  const now = figure("Taking part now");
  const saves = figure("Saves a minute");
  const errors = figure("Errors");
  const refused = figure("Answers refused");
  const finished = figure("Finished");
  const left = figure("Drop-outs");
  const ended = figure("Ended early");
  const minutes = figure("Time needed");
  const ratings = figure("Ratings");
  const coverage = coverageTable();
  const headphones = figure("Headphone check passed");
  const catches = figure("Catch trials passed");
  const repeats = figure("Difference on repeats");
  const who = table("Participants", [
    ["No.", "number"], ["State"], ["Trials", "number"], ["", "bar"], ["Began"], ["Last seen"], ["Headphones"], ["From"], ["Id"], ["", "act"],
  ]);
  const sought = el("input", { type: "search", id: freshId("sought"), on: { input() { seek(); } } });
  const found = el("p", { class: "faint", role: "status" });
  const search = el("div", {}, el("label", { for: sought.id }, "Find by number, id, group or origin"), sought);
  const nobody = el("p", { class: "faint" }, "Nobody yet. Send the invitation above to the first listener.");

  const invite = el("input", { type: "text", readonly: true, id: freshId("invite"), on: { focus() { invite.select(); } } });
  /** @type {Server.Status["invitations"]} */
  let invitations = [];
  const advice = el("div", { class: "faint", id: freshId("advice") });
  const whom = el("select", { id: freshId("whom"), "aria-describedby": advice.id, on: { change: () => showInvitation() } });
  const showInvitation = () => {
    const chosen = invitations[Math.max(0, whom.selectedIndex)];
    const link = root.href + (chosen?.link ?? "");
    if (invite.value !== link) invite.value = link;
    tell(advice, chosen?.advice ?? "");
  };
  const links = el("div", { class: "notes", hidden: true });
  const copy = copyButton({ field: invite, copy: "Copy", copied: "copied" });

  let recruiting = true;
  let mayChange = false;
  const confirm = confirmation("Leave it as it is");
  const recruitment = el("p", {});
  const pause = el("button", {
    type: "button",
    on: {
      async click() {
        if (recruiting) {
          const sure = await confirm.ask("Pause recruitment?",
            "The invitation takes no new listeners until you open it again. Those who have begun go on to their end.", "Pause recruitment");
          if (!sure) return;
        }
        pause.disabled = true;
        try {
          await post("/lab/api/pause", { paused: recruiting });
          await poll();
        } catch (error) {
          tell(health, told(error));
        } finally {
          pause.disabled = false;
        }
      },
    },
  });

  /** @param {unknown} error */
  const failed = (error) => tell(health, told(error));
  const pages = pageFigures(failed);
  const timeline = timelineDialog(failed);
  /** @param {Server.Participant} one @returns {HTMLElement} shows what the session was */
  const opener = (one) => {
    const known = openers.get(one.session) ?? el("button", { type: "button", class: "quiet" });
    openers.set(one.session, known);
    tell(known, number(one.participant));
    known.setAttribute("aria-label", `Timeline of No. ${one.participant}`);
    known.onclick = () => timeline.open(one, ...(mayChange ? [purge(one)] : []));
    return known;
  };
  /** @type {Map<number, HTMLButtonElement>} by session */
  const openers = new Map();
  /** @param {Server.Participant} one @returns {HTMLElement} deletes all of the session, once its number was typed */
  const purge = ({ participant, session }) => el("button", {
    value: "",
    on: {
      async click() {
        timeline.node.close();
        const typed = await confirm.askWhy(`Withdraw No. ${participant} and delete everything?`,
          "All that this participant has answered, and what the link told of the person, is deleted for good, here and in the tables from now on. Backups and tables that were made before still have it. That it was done is kept, with the number.",
          "Delete everything", `Type ${participant} to confirm`, String(participant));
        if (typed === null) return;
        try {
          await post("/lab/api/purge", { session, participant });
          await poll();
        } catch (error) {
          failed(error);
        }
      },
    },
  }, "Withdraw and delete …");

  const message = el("input", { type: "text", id: freshId("message"), maxlength: 500 });
  const keep = el("button", {
    type: "button",
    on: {
      async click() {
        try {
          await post("/lab/api/message", { message: message.value });
          tell(messageKept, message.value.trim() ? "Those who are turned away read it." : "Those who are turned away read why, and no more.");
        } catch (error) {
          failed(error);
        }
      },
    },
  }, "Keep it");
  const messageKept = el("p", { class: "faint", role: "status" });
  let isMessageShown = false;

  const reportState = el("p", { class: "faint", role: "status" });
  const reportLink = el("p", { hidden: true }, el("a", { href: address("lab/report"), target: "_blank" }, "Open the report"));
  const blockLinks = el("p", { class: "faint", hidden: true });
  const makeReport = el("button", {
    type: "button",
    on: {
      async click() {
        const sure = await confirm.ask("Make the report as it stands?",
          "It tells which system leads so far. Whoever reads it is blind no more, and a study that is stopped when its result pleases proves nothing. That it was asked for is kept.", "Make the report");
        if (!sure) return;
        try {
          await post("/lab/api/report", {});
          await poll();
        } catch (error) {
          failed(error);
        }
      },
    },
  }, "Make the report as it stands …");

  /** @type {Map<number, {button: HTMLButtonElement, one: Server.Participant}>} the buttons by session, which keep the focus */
  const decisions = new Map();
  /** @param {Server.Participant} one @returns {HTMLElement} leaves the session out of analyses, or takes it in again */
  const decision = (one) => {
    const known = decisions.get(one.session) ?? { button: el("button", { type: "button", class: "quiet" }), one };
    decisions.set(one.session, known);
    known.one = one;
    tell(known.button, one.excluded === undefined ? "Leave out …" : "Take in again …");
    known.button.setAttribute("aria-label", `${known.button.textContent} No. ${one.participant}`);
    known.button.onclick = async () => {
      const { excluded, participant, session } = known.one;
      const [title, name] = excluded === undefined ? [`Leave No. ${participant} out?`, "Leave out"] : [`Take No. ${participant} in again?`, "Take in again"];
      const reason = await confirm.askWhy(title, "Analyses pass over the rows of a session that is left out, and it fills no place. Nothing is deleted; what you write is kept, in participants.csv too.", name, "Why?");
      if (reason === null) return;
      try {
        await post("/lab/api/exclude", { session, excluded: excluded === undefined, reason });
        await poll();
      } catch (error) {
        tell(health, told(error));
      }
    };
    return known.button;
  };

  /** @param {string} name @param {...HTMLElement} children */
  const section = (name, ...children) => {
    const id = freshId("section");
    return el("section", { "aria-labelledby": id }, el("h2", { id }, name), ...children);
  };
  // Hidden until the first numbers are there, so that nothing moves away under the pointer when they come.
  const sections = el("div", { hidden: true },
    section("Is it running well?", el("dl", { class: "figures" }, now.node, saves.node, errors.node, refused.node), links),
    section("How far is it?", el("dl", { class: "figures" }, finished.node, left.node, ended.node, minutes.node, ratings.node), pages.node, ...coverage.nodes),
    section("Is it good?", el("dl", { class: "figures" }, headphones.node, catches.node, repeats.node)),
    section("What can I do?",
      el("div", { class: "acts" },
        el("div", {},
          el("div", { class: "together" }, el("label", { for: whom.id }, "Listeners come from"), whom),
          el("label", { for: invite.id }, "Invite listeners with this link"), el("div", { class: "together" }, invite, ...copy), advice),
        el("div", {}, recruitment, pause,
          el("label", { for: message.id }, "Tell those who are turned away"), el("div", { class: "together" }, message, keep), messageKept),
        el("div", {}, el("p", {}, "See how it stands"), makeReport, reportState, reportLink, blockLinks),
        el("div", {}, el("p", {}, "Download what there is so far"),
          el("ul", { class: "downloads" }, ...downloads.map(([name, what]) => el("li", {},
            el("a", { href: address(`lab/export/${name}`), download: name }, name), " ", el("span", { class: "faint" }, what))))))),
    section("Who took part?", search, found, who.node, nobody));
  fill(document.body, el("main", { class: "lab" }, el("header", {}, title, version, health, el("div", { class: "together" }, me, leave)), sections), confirm.node, timeline.node);

  /** @param {Server.Participant[]} people @param {number} trials of each */
  const showPeople = (people, trials) => {
    who.node.hidden = people.length === 0;
    nobody.hidden = people.length > 0 || matches !== null;
    who.show(people.map((one) => [
      opener(one), stateOf(one), `${number(one.trials_done)} of ${number(trials)}`, shareBar(one.trials_done / trials), ago(one.started_at),
      ago(one.last_seen_at), one.headphone_check ?? "–", one.recruited_from ?? "–", one.external_id ?? "–", mayChange ? decision(one) : "",
    ]));
  };
  /** @type {Server.Participant[] | null} those who were looked for; null where nobody was */
  let matches = null;
  /** @type {Server.Status | null} */
  let last = null;
  /** Those who are looked for, as they stand now. */
  const look = async () => {
    const text = sought.value.trim();
    const people = text ? await get(`/lab/api/participants?text=${encodeURIComponent(text)}`) : null;
    if (text === sought.value.trim()) matches = people;
  };
  const seek = async () => {
    try {
      await look();
      if (last) show(last);
    } catch (error) {
      failed(error);
    }
  };

  /** @param {Server.Status} status */
  const show = (status) => {
    const { records } = status;
    const people = records.participants;
    recruiting = !records.is_paused;
    mayChange = status.me.role === "owner";
    tell(me, status.me.name ? `${status.me.name}, ${mayChange ? "an owner" : "a reader"} of this study` : "With the study's secret");
    me.hidden = false;
    pause.hidden = !mayChange;
    title.textContent = status.title;
    document.title = `Lab – ${status.title}`;
    version.textContent = `version ${status.study_version.slice(0, 12)}${status.counted_ago > 5 ? ` · counted ${number(status.counted_ago)} s ago` : ""}`;
    const failing = status.errors > 0;
    const lacking = records.answers_refused + records.events_refused > 0;
    const low = status.disk_free_mb;
    tell(health, low !== undefined ? `The disk is nearly full: ${number(low)} MB are left. Make room before nothing can be saved.` : failing ? "Some requests have failed; the server's log tells which."
      : lacking ? "Some of what listeners sent was refused; refused.csv below has it as it was sent."
      : recruiting && !status.closed ? "Running well, and open for new listeners."
      : `Running well. ${recruitmentWords[recruiting ? status.closed ?? "open" : "paused"]}`);
    now.show(number(records.active), "heard of in the last ten minutes");
    saves.show(...pace.of(status.saves));
    errors.show(number(status.errors), "since the server was started", failing);
    refused.show(number(records.answers_refused), records.events_refused > 0
      ? `and ${counted(records.events_refused, "batch", "batches")} of events; all kept in refused.csv` : "kept in refused.csv", lacking);
    const again = records.further_sittings > 0 ? `; ${number(records.further_sittings)} by somebody who had taken part before` : "";
    const leftOut = records.excluded > 0 ? `; ${number(records.excluded)} left out` : "";
    const flagged = records.flagged > 0 ? `; ${number(records.flagged)} flagged by the study's rules` : "";
    const { places } = status;
    const wanted = places ? `; ${number(places.passed)} of the ${number(places.wanted)} that are wanted have passed, ${number(places.held)} are under way` : "";
    finished.show(number(records.finished), records.joined > 0
      ? `${number((100 * records.finished) / records.joined)} % of the ${number(records.joined)} who began${again}${flagged}${leftOut}${wanted}` : `nobody has begun yet${wanted}`);
    left.show(number(records.away), records.away > 0
      ? `not heard of for ten minutes; ${number(records.away_before_trials)} left before the first trial` : "not heard of for ten minutes");
    ended.show(number(records.ended), "told so on a page of their own");
    minutes.show(Number.isFinite(records.median_minutes) ? `${number(records.median_minutes, 1)} min` : "–", "median of those who finished");
    ratings.show(number(records.ratings), `and ${counted(records.events, "event")} in the log`);
    coverage.show(records.coverage, status.conditions);
    const { checks } = records;
    headphones.show(share(checks.headphones_passed, checks.headphones), `${number(checks.headphones_passed)} of ${counted(checks.headphones, "listener")}`);
    catches.show(share(checks.catches_passed, checks.catches),
      `${number(checks.catches_passed)} of ${number(checks.catches)} were answered rightly`);
    repeats.show(share(checks.repeat_difference ?? 0, checks.repeats > 0 ? 1 : 0), checks.repeats > 0
      ? `of the scale, between two ratings of the same sample (${counted(checks.repeats, "page")} shown twice)` : "no page has been rated twice yet");
    const trials = status.trials_per_participant;
    if (!isMessageShown) message.value = status.message;
    isMessageShown = true;
    for (const one of [message, keep]) one.disabled = !mayChange;
    const { report } = status;
    makeReport.disabled = report?.state === "working";
    tell(reportState, !report ? "Nobody has seen yet which system leads." : `Asked for ${ago(report.asked_at)}${report.asked_by ? ` by ${report.asked_by}` : ""}: ${
      report.state === "working" ? "it is being made." : report.state === "ready" ? "it is there." : `it could not be made. ${report.why ?? ""}`}`);
    reportLink.hidden = report?.state !== "ready";
    const blocks = report?.blocks ?? [];
    if (blockLinks.dataset.of !== blocks.join()) {
      blockLinks.dataset.of = blocks.join();
      fill(blockLinks, "One block each: ", ...blocks.flatMap((name, i) => [
        ...(i > 0 ? [", "] : []), el("a", { href: address(`lab/blocks/${name}/report.html`), target: "_blank" }, name)]));
    }
    blockLinks.hidden = blocks.length === 0 || report?.state !== "ready";
    search.hidden = records.joined === 0;
    showPeople(matches ?? people, trials);
    tell(found, matches ? `${counted(matches.length, "session")} found.` : records.joined > people.length ? `The newest ${number(people.length)} of ${number(records.joined)}.` : "");
    invitations = status.invitations;
    if (whom.length !== invitations.length) fill(whom, ...invitations.map(({ title }) => el("option", {}, title)));
    showInvitation();
    const spoilt = people.filter((one) => one.link_notes).slice(0, shownLinks);
    links.hidden = records.spoilt_links === 0;
    const noted = [
      `${counted(records.spoilt_links, "listener")} came by a link that was not right. They take part all the same; fix the link.`,
      ...spoilt.map((one) => `No. ${one.participant}: ${one.link_notes}.`)];
    if (links.textContent !== noted.join("")) {
      fill(links, el("p", {}, noted[0]), el("ul", {}, ...noted.slice(1).map((line) => el("li", {}, line))));
    }
    recruitment.textContent = recruiting ? recruitmentWords[status.closed ?? "open"] : recruitmentWords.paused;
    pause.textContent = recruiting ? "Pause recruitment …" : "Open recruitment again";
    sections.hidden = false;
  };

  const pace = paceOf();
  /** @param {unknown} error */
  const told = (error) => (error instanceof Away
    ? `${error.cause ? "The server is out of reach" : error.message.replace(/\.$/, "")}; these numbers stand still until it is back.`
    : error instanceof Refused ? `${error.message} ${error.mend}` : "Something went wrong on this page; reload it.");
  const tags = new Map();
  const poll = async () => {
    try {
      const fresh = await within(patienceMs, () => getIfNew("/lab/api/status", tags));
      if (fresh && last) await Promise.all([look(), pages.load()]);
      last = fresh ?? last;
      if (last) show(last);
      document.body.classList.remove("stale");
    } catch (error) {
      if (error instanceof Refused && error.status === 401) throw error;
      tell(health, told(error));
      document.body.classList.add("stale");
      if (!(error instanceof Away || error instanceof Refused)) throw error;
    }
  };
  return poll;
}

/** Makes a running total into what came in the last minute, and says how that compares with the minute before. */
function paceOf() {
  /** @type {[number, number][]} time and total, oldest first */
  const seen = [];
  return {
    /** @param {number} total @returns {[string, string]} */
    of(total) {
      const now = Date.now();
      if (seen.length > 0 && total < seen[seen.length - 1][1]) seen.length = 0; // The server was started anew.
      seen.push([now, total]);
      while (seen.length > 1 && seen[1][0] <= now - 120_000) seen.shift();
      /** @param {number} ms */
      const since = (ms) => total - (seen.find(([time]) => time >= now - ms) ?? seen[0])[1];
      const last = since(60_000);
      if (now - seen[0][0] < 90_000) return [number(last), "seen since this page was opened"];
      const before = since(120_000) - last;
      return [number(last), last > before ? `↑ from ${number(before)} the minute before` : last < before ? `↓ from ${number(before)} the minute before` : "as in the minute before"];
    },
  };
}

keepUp(build, pollMs);
