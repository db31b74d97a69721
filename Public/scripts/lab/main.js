import { Away, getIfNew, post, Refused, within } from "../api.js";
import { confirmation } from "../controls/confirmation.js";
import { el, fill, tell } from "../dom.js";
import { actsCard, recruitmentSaid } from "./acts.js";
import { doubts, progressCard, qualityCard, runningCard } from "./figures.js";
import { pageFigures } from "./pages.js";
import { number } from "./parts.js";
import { peopleCard } from "./people.js";
import { keepUp } from "./sign-in.js";

// The experimenter's page. It answers these questions, in order: is it running well, how far is it, is the data good,
// what can I do, and who took part. Each answer is a card that draws itself from a status.

const pollMs = 3000;
/** In milliseconds. A server that takes longer to answer is not called healthy. */
const patienceMs = 5000;

function build() {
  /** @type {import("./acts.js").Desk} */
  const desk = {
    confirm: confirmation("Cancel"),
    failed: (error) => head.tell(told(error)),
    async attempt(otherwise, act) {
      trouble.hide();
      try {
        await act();
      } catch (error) {
        trouble.show(`${otherwise} ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    poll: () => poll(),
  };
  const trouble = troubleLine();
  const head = headOf(desk);
  const pages = pageFigures(desk.failed);
  const people = peopleCard(desk);
  const cards = [runningCard(), progressCard(pages.node), qualityCard(), actsCard(desk), people];
  // Hidden until the first numbers have arrived, so that nothing moves away from under the pointer.
  const sections = el("div", { hidden: true }, ...cards.map(({ node }) => node));
  fill(document.body, el("main", { class: "lab" }, head.node, sections, trouble.node), desk.confirm.node, people.dialog);

  /** @type {Server.Status | null} */
  let last = null;
  const tags = new Map();
  const poll = async () => {
    try {
      const fresh = await within(patienceMs, () => getIfNew("/lab/api/status", tags));
      if (fresh && last) await Promise.all([people.look(), pages.load()]);
      last = fresh ?? last;
      if (last) for (const card of [head, ...cards]) card.show(last);
      if (last) sections.hidden = false;
      document.body.classList.remove("stale");
    } catch (error) {
      if (error instanceof Refused && error.status === 401) throw error;
      desk.failed(error);
      document.body.classList.add("stale");
      if (!(error instanceof Away || error instanceof Refused)) throw error;
    }
  };
  return poll;
}

/** What an action did not do, in sight wherever the page is scrolled, until the next action or until it is dismissed. */
function troubleLine() {
  const text = el("p", { role: "alert" });
  const node = el("div", { class: "failed", hidden: true }, text, el("button", { type: "button", class: "quiet", on: { click: () => hide() } }, "Dismiss"));
  const hide = () => {
    node.hidden = true;
    text.textContent = "";
  };
  return {
    node, hide,
    /** @param {string} what */
    show(what) {
      node.hidden = false;
      text.textContent = what;
    },
  };
}

/**
 * Which study it is, who is signed in, and, in one line, whether all is well.
 * @param {import("./acts.js").Desk} desk
 */
function headOf({ attempt }) {
  const title = el("h1", {}, "Lab");
  const version = el("p", { class: "faint version" });
  const me = el("p", { class: "faint me", hidden: true }, "");
  const health = el("p", { class: "health", role: "status" }, "Loading …");
  const leave = el("button", {
    type: "button", class: "quiet",
    on: {
      click: () => attempt("You are still signed in.", async () => {
        await post("/sign-out", {});
        location.reload();
      }),
    },
  }, "Sign out");
  return {
    node: el("header", {}, title, version, health, el("div", { class: "together" }, me, leave)),
    /** @param {string} text */
    tell: (text) => tell(health, text),
    /** @param {Server.Status} status */
    show(status) {
      tell(me, status.me.name ? `${status.me.name}, ${status.me.role === "owner" ? "an owner" : "a reader"} of this study` : "Signed in with the study's secret");
      me.hidden = false;
      title.textContent = status.title;
      document.title = `Lab – ${status.title}`;
      version.textContent = `version ${status.study_version.slice(0, 12)}${status.counted_ago > 5 ? ` · counted ${number(status.counted_ago)} s ago` : ""}`;
      tell(health, healthOf(status));
    },
  };
}

/** @param {Server.Status} status @returns {string} the state in words, problems first */
function healthOf(status) {
  const { records, disk_free_mb: low } = status;
  if (low !== undefined) return `The disk is nearly full: ${number(low)} MB left. Free some space, or nothing more can be saved.`;
  if (status.errors > 0) return "Some requests have failed; see the server's log.";
  if (records.answers_refused + records.events_refused > 0) return "Some of what listeners sent was refused; refused.csv below contains it as it was sent.";
  const why = doubts(records);
  if (why.length > 0) return `Please look at the data: ${new Intl.ListFormat("en").format(why)}. ${recruitmentSaid(status)}`;
  if (!records.is_paused && !status.closed) return "Running well, and open to new listeners.";
  return `Running well. ${recruitmentSaid(status)}`;
}

/** @param {unknown} error @returns {string} */
function told(error) {
  if (error instanceof Away) return `${error.cause ? "The server is out of reach" : error.message.replace(/\.$/, "")}; these numbers will not update until it is back.`;
  return error instanceof Refused ? `${error.message} ${error.mend}` : "Something went wrong on this page; reload it.";
}

keepUp(build, pollMs);
