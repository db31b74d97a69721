import { Away, get, post, Refused } from "../api.js";
import { el, freshId } from "../dom.js";

// The experimenter's page. It answers in this order: is it running well, how far is it, what can I do, and who took part.

const pollMs = 3000;
const downloads = [
  ["ratings.csv", "one row a rating"], ["participants.csv", "who took part, and their answers"],
  ["events.csv", "every play, stop and touch"], ["stimuli.csv", "what was heard, and how it was prepared"],
  ["rankings.csv", "what the systems proposed"], ["datapackage.json", "what every column means"],
];
const stateWords = { active: "taking part", finished: "finished", dropped: "left", away: "away" };

const number = (value, digits = 0) => (Number.isFinite(value)
  ? value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: 0 }) : "–");

/** @param {string | null} iso @returns {string} how long ago that was, in words */
function ago(iso) {
  const seconds = (Date.now() - Date.parse(iso)) / 1000;
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 45) return "now";
  const steps = [["minute", 60], ["hour", 3600], ["day", 86400]];
  const [unit, size] = steps.findLast(([, each]) => seconds >= each * 0.75) ?? steps[0];
  return new Intl.RelativeTimeFormat("en", { numeric: "always", style: "short" }).format(-Math.round(seconds / size), unit);
}

/** A figure and what it counts. */
function figure(label) {
  const value = el("dd", { class: "figure" }, "–");
  const hint = el("dd", { class: "faint" });
  const node = el("div", {}, el("dt", {}, label), value, hint);
  return {
    node,
    show(text, more = "", alarming = false) {
      value.textContent = text;
      hint.textContent = more;
      node.classList.toggle("alarming", alarming);
    },
  };
}

/** A plain table whose rows are kept while they stay, so that a reader's selection survives the poll. */
function table(caption, columns) {
  const body = el("tbody");
  const node = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    el("table", {}, el("caption", { class: "hidden" }, caption),
      el("thead", {}, el("tr", {}, ...columns.map(([name, kind]) => el("th", { scope: "col", class: kind ?? null }, name)))), body));
  return {
    node,
    /** @param {(string | Node)[][]} rows */
    show(rows) {
      rows.forEach((cells, r) => {
        const line = body.rows[r] ?? body.insertRow();
        cells.forEach((cell, c) => {
          const box = line.cells[c] ?? line.insertCell();
          if (columns[c][1]) box.className = columns[c][1];
          if (cell instanceof Node) box.replaceChildren(cell);
          else if (box.textContent !== cell) box.textContent = cell;
        });
      });
      while (body.rows.length > rows.length) body.deleteRow(-1);
    },
  };
}

/** A thin bar that says a share to eyes; the words beside it say it to everyone. */
function shareBar(share) {
  const bar = el("span", { class: "share", "aria-hidden": "true" });
  bar.style.setProperty("--at", String(Math.max(0, Math.min(1, share || 0))));
  return bar;
}

function build() {
  const title = el("h1", {}, "Lab");
  const version = el("p", { class: "faint version" });
  const health = el("p", { class: "health", role: "status" }, "Loading …");
  const now = figure("Taking part now");
  const saves = figure("Saved in the last minute");
  const errors = figure("Errors in the last hour");
  const finished = figure("Finished");
  const left = figure("Left before the end");
  const minutes = figure("Time needed");
  const answers = figure("Answers");
  const coverage = table("Ratings by query and condition", [["Query"], ["Condition"], ["Ratings", "number"], ["", "bar"]]);
  const people = table("Participants", [
    ["No.", "number"], ["State"], ["Trials", "number"], ["", "bar"], ["Began"], ["Last seen"], ["Headphones"], ["From"],
  ]);
  const nobody = el("p", { class: "faint" }, "Nobody yet. Send the invitation above to the first listener.");

  const invite = el("input", { type: "text", readonly: true, id: freshId("invite"), on: { focus: (event) => event.target.select() } });
  const copied = el("span", { class: "faint", role: "status" });
  const copy = el("button", {
    type: "button",
    on: {
      async click() {
        invite.select();
        try {
          await navigator.clipboard.writeText(invite.value);
        } catch {
          document.execCommand("copy"); // Over plain HTTP browsers offer no clipboard.
        }
        copied.textContent = "copied";
        setTimeout(() => { copied.textContent = ""; }, 2500);
      },
    },
  }, "Copy");

  let recruiting = true;
  const confirm = confirmation();
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
          health.textContent = told(error);
        } finally {
          pause.disabled = false;
        }
      },
    },
  });

  const section = (name, ...children) => {
    const id = freshId("section");
    return el("section", { "aria-labelledby": id }, el("h2", { id }, name), ...children);
  };
  document.body.replaceChildren(
    el("main", { class: "lab" },
      el("header", {}, title, version, health),
      section("Is it running well?", el("dl", { class: "figures" }, now.node, saves.node, errors.node)),
      section("How far is it?", el("dl", { class: "figures" }, finished.node, left.node, minutes.node, answers.node), coverage.node),
      section("What can I do?",
        el("div", { class: "acts" },
          el("div", {}, el("label", { for: invite.id }, "Invite listeners with this link"), el("div", { class: "together" }, invite, copy, copied)),
          el("div", {}, recruitment, pause),
          el("div", {}, el("p", {}, "Download what there is so far"),
            el("ul", { class: "downloads" }, ...downloads.map(([name, what]) => el("li", {},
              el("a", { href: `/lab/export/${name}`, download: name }, name), " ", el("span", { class: "faint" }, what))))))),
      section("Who took part?", people.node, nobody)),
    confirm.node);

  /** @param {any} status what `/lab/api/status` tells */
  const show = (status) => {
    const { participants } = status;
    const rows = status.rows ?? [];
    recruiting = status.recruiting;
    title.textContent = status.study.title;
    document.title = `Lab – ${status.study.title}`;
    version.textContent = `version ${status.study.version.slice(0, 12)}`;
    const failing = status.errors_last_hour > 0;
    health.textContent = failing ? "Some requests failed in the last hour; the server's log tells which."
      : recruiting ? "Running well, and open for new listeners." : "Running well; recruitment is paused.";
    now.show(number(participants.active), `${number(participants.started)} have begun so far`);
    saves.show(number(status.saves_last_minute), trend.of(status.saves_last_minute));
    errors.show(number(status.errors_last_hour), failing ? "look into the server's log" : "none", failing);
    const share = participants.started > 0 ? participants.finished / participants.started : NaN;
    finished.show(number(participants.finished), Number.isFinite(share) ? `${number(100 * share)} % of those who began` : "");
    left.show(number(participants.dropped), "not seen for a long time");
    minutes.show(status.median_minutes == null ? "–" : `${number(status.median_minutes, 1)} min`, "median of those who finished");
    answers.show(number(status.responses), `${number(status.events)} events in the log`);
    const most = Math.max(1, ...(status.coverage ?? []).map((item) => item.ratings));
    coverage.node.hidden = (status.coverage ?? []).length === 0;
    coverage.show((status.coverage ?? []).map((item) => [item.query, item.condition, number(item.ratings), shareBar(item.ratings / most)]));
    people.node.hidden = rows.length === 0;
    nobody.hidden = rows.length > 0;
    people.show(rows.map((row) => [
      number(row.participant), stateWords[row.state] ?? row.state, `${number(row.trials_done)} of ${number(row.trials)}`,
      shareBar(row.trials_done / row.trials), ago(row.started_at), ago(row.last_seen_at), row.headphone_check || "–", row.recruited_from || "–",
    ]));
    if (document.activeElement !== invite) invite.value = status.invite ?? `${location.origin}/`;
    recruitment.textContent = recruiting ? "Recruitment is open." : "Recruitment is paused.";
    pause.textContent = recruiting ? "Pause recruitment …" : "Open recruitment again";
  };

  const trend = trendOf();
  const told = (error) => (error instanceof Away ? "The server is out of reach; these numbers stand still until it is back."
    : error instanceof Refused ? `${error.message} ${error.mend}` : "Something went wrong on this page; reload it.");
  const poll = async () => {
    try {
      show(await get("/lab/api/status"));
      document.body.classList.remove("stale");
    } catch (error) {
      health.textContent = told(error);
      document.body.classList.add("stale");
      if (!(error instanceof Away || error instanceof Refused)) throw error;
    }
  };
  return poll;
}

/** Remembers a number over the polls and says where it goes. */
function trendOf() {
  const seen = [];
  return {
    of(value) {
      seen.push(value);
      if (seen.length > 20) seen.shift();
      const before = seen[0];
      return value > before ? `↑ from ${number(before)} a minute ago` : value < before ? `↓ from ${number(before)} a minute ago` : "steady";
    },
  };
}

/** Asks once before an act, and names the act on its button. */
function confirmation() {
  const heading = el("h2", {});
  const text = el("p", {});
  const act = el("button", { class: "primary", value: "act" });
  const keep = el("button", { value: "", autofocus: true }, "Leave it as it is");
  const node = el("dialog", { class: "confirm" }, el("form", { method: "dialog" }, heading, text, el("div", { class: "together" }, act, keep)));
  return {
    node,
    ask(title, consequence, name) {
      heading.textContent = title;
      text.textContent = consequence;
      act.textContent = name;
      node.returnValue = "";
      node.showModal();
      return new Promise((resolve) => node.addEventListener("close", () => resolve(node.returnValue === "act"), { once: true }));
    },
  };
}

const poll = build();
(async () => {
  for (;;) {
    if (document.visibilityState === "visible") await poll();
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
})();
