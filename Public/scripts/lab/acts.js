import { address, post, root } from "../api.js";
import { copyButton } from "../controls/copy-button.js";
import { el, fill, freshId, tell } from "../dom.js";
import { ago, section } from "./parts.js";

// The experimenter's actions: invite, pause, show a message, make a report, download. Each one draws itself from a
// status.

/**
 * How an action is carried out: after confirmation, and with a message if it fails.
 * @typedef {object} Desk
 * @property {ReturnType<typeof import("../controls/confirmation.js").confirmation>} confirm
 * @property {(error: unknown) => void} failed shows the error
 * @property {(otherwise: string, act: () => Promise<unknown>) => Promise<void>} attempt runs an action; if it fails, shows what did not happen, and why
 * @property {() => Promise<void>} poll updates the page afterwards
 */

/** @typedef {{nodes: HTMLElement[], show: (status: Server.Status) => void}} Act */

/** @type {Record<string, string>} */
const tableWords = {
  ratings: "one row per rating", triplets: "one row per triplet", scores: "one row per score of a version", choices: "one row per choice between two",
  comparisons: "one row per comparison of two", discriminations: "one row per comparison with X", orders: "one row per place in an order",
  pairs: "one row per pair", oddities: "one row per page of three", sortings: "one row per sound and its group", comments: "one row per comment",
  rankings: "the systems' rankings",
};
/** Panels with a list of submissions of their own, by the origin of those who come from them. */
const panels = { prolific: "Prolific", mturk: "Mechanical Turk", cloudresearch: "CloudResearch", sona: "SONA" };
/**
 * @param {Server.Status} status
 * @returns {[string, string][]} the panels from which somebody came: name and title. If not all participants are shown, all panels.
 */
const panelsOf = ({ records: { joined, participants } }) => {
  const origins = new Set(participants.map((one) => one.recruited_from));
  return Object.entries(panels).filter(([name]) => origins.has(name) || participants.length < joined);
};
/** @param {Server.Status} status */
const isByInvitation = ({ invitations }) => invitations.some(({ link }) => link.includes("invite=CODE"));
/** @param {Server.Status} status @returns {[string, string][]} the name of each file, and what it is */
const downloads = (status) => [
  ["export.zip", "all of these files, as of one moment"],
  ...status.tables.map((name) => /** @type {[string, string]} */ ([`${name}.csv`, tableWords[name] ?? "what listeners answered"])),
  ["participants.csv", "who took part, and their answers"],
  ["events.csv", "every play, stop and touch"], ["stimuli.csv", "what was heard, and how it was prepared"],
  ["refused.csv", "refused answers, as they were sent"],
  ...panelsOf(status).map(([name, title]) => /** @type {[string, string]} */ ([`submissions-${name}.csv`, `whom to approve on ${title}`])),
  ["submissions.csv", "whom to approve of those who come from no panel"],
  ...(status.me.role === "owner" && isByInvitation(status) ? [/** @type {[string, string]} */ (["invitations.csv", "single-use links"])] : []),
  ["datapackage.json", "what every column means"],
];
/** Whether newcomers are admitted, in words, by the reason for turning them away. */
const recruitmentWords = {
  open: "Recruitment is open.", paused: "Recruitment is paused.", early: "Recruitment has not opened yet (joining.opens).",
  hours: "Recruitment is closed at this hour (joining.hours).", over: "Recruitment has closed (joining.closes).",
  taken: "All places are taken by listeners in progress.", full: "All planned listeners have finished.",
};
/** @param {Server.Status} status @returns {keyof typeof recruitmentWords} */
const recruitmentOf = ({ records, closed }) => (records.is_paused ? "paused" : closed ?? "open");

/** @param {Server.Status} status @returns {string} whether newcomers are admitted, in words */
export const recruitmentSaid = (status) => recruitmentWords[recruitmentOf(status)];

/** @param {Desk} desk @returns {import("./figures.js").Card} */
export function actsCard(desk) {
  const acts = [[invitation()], [recruiting(desk), turnedAway(desk)], [report(desk)]];
  const files = el("ul", { class: "downloads" });
  return {
    node: section("What can I do?", el("div", { class: "acts" },
      ...acts.map((some) => el("div", {}, ...some.flatMap(({ nodes }) => nodes))),
      el("div", {}, el("p", {}, "Download the data so far"),
        files))),
    show(status) {
      for (const act of acts.flat()) act.show(status);
      const offered = downloads(status);
      if (files.dataset.of === offered.join()) return;
      files.dataset.of = offered.join();
      fill(files, ...offered.map(([name, what]) => el("li", {},
        el("a", { href: address(`lab/export/${name}`), download: name }, name), " ", el("span", { class: "faint" }, what))));
    },
  };
}

/** @returns {Act} */
function invitation() {
  const invite = el("input", { type: "text", readonly: true, id: freshId("invite"), on: { focus() { invite.select(); } } });
  /** @type {Server.Status["invitations"]} */
  let invitations = [];
  const advice = el("div", { class: "faint", id: freshId("advice") });
  const whom = el("select", { id: freshId("whom"), "aria-describedby": advice.id, on: { change: () => showChosen() } });
  const showChosen = () => {
    const chosen = invitations[Math.max(0, whom.selectedIndex)];
    const link = root.href + (chosen?.link ?? "");
    if (invite.value !== link) invite.value = link;
    tell(advice, chosen?.advice ?? "");
  };
  return {
    nodes: [
      el("div", { class: "together" }, el("label", { for: whom.id }, "Listeners come from"), whom),
      el("label", { for: invite.id }, "Invite listeners with this link"),
      el("div", { class: "together" }, invite, ...copyButton({ field: invite, copy: "Copy", copied: "copied" })), advice],
    show(status) {
      invitations = status.invitations;
      if (whom.length !== invitations.length) fill(whom, ...invitations.map(({ title }) => el("option", {}, title)));
      showChosen();
    },
  };
}

/** @param {Desk} desk @returns {Act} */
function recruiting({ confirm, attempt, poll }) {
  let isOpen = true;
  const said = el("p", {});
  const pause = el("button", {
    type: "button",
    on: {
      async click() {
        if (isOpen) {
          const sure = await confirm.ask("Pause recruitment?",
            "The invitation admits no new listeners until you open recruitment again. Those who have begun can finish.", "Pause recruitment");
          if (!sure) return;
        }
        pause.disabled = true;
        await attempt(isOpen ? "Recruitment was not paused." : "Recruitment was not opened.", async () => {
          await post("/lab/api/pause", { paused: isOpen });
          await poll();
        });
        pause.disabled = false;
      },
    },
  });
  return {
    nodes: [said, pause],
    show(status) {
      isOpen = !status.records.is_paused;
      pause.hidden = status.me.role !== "owner";
      said.textContent = recruitmentSaid(status);
      pause.textContent = isOpen ? "Pause recruitment …" : "Open recruitment again";
    },
  };
}

/** @param {Desk} desk @returns {Act} */
function turnedAway({ attempt }) {
  /** The server's text when the field last took it over: another dashboard may have changed it. */
  let [known, latest] = ["", ""];
  /** Shows the server's text, unless somebody is writing or has written another one. */
  const follow = () => {
    if (latest === known || message.value !== known || message === document.activeElement) return;
    message.value = known = latest;
    tell(kept, "");
  };
  const message = el("input", { type: "text", id: freshId("message"), maxlength: 500, on: { blur: () => follow() } });
  const kept = el("p", { class: "faint", role: "status" });
  const keep = el("button", {
    type: "button",
    on: {
      click: () => attempt("The message was not saved.", async () => {
        tell(kept, "");
        const text = message.value.trim();
        await post("/lab/api/message", { message: text });
        if (message.value.trim() === text) message.value = text;
        known = latest = text;
        tell(kept, text ? "People who are turned away will see this message." : "People who are turned away will see only the reason.");
      }),
    },
  }, "Save");
  return {
    nodes: [el("label", { for: message.id }, "Message for people who are turned away"), el("div", { class: "together" }, message, keep), kept],
    show(status) {
      latest = status.message;
      follow();
      for (const one of [message, keep]) one.disabled = status.me.role !== "owner";
    },
  };
}

/** @param {Desk} desk @returns {Act} */
function report({ confirm, attempt, poll }) {
  const state = el("p", { class: "faint", role: "status" });
  const link = el("p", { hidden: true }, el("a", { href: address("lab/report"), target: "_blank" }, "Open the report"));
  const blockLinks = el("p", { class: "faint", hidden: true });
  const make = el("button", {
    type: "button",
    on: {
      async click() {
        const sure = await confirm.ask("Make the report now?",
          "It shows which system leads so far. Whoever reads it is no longer blind, and stopping a study because of its result biases that result. The request is recorded.", "Make the report");
        if (!sure) return;
        await attempt("No report was requested.", async () => {
          await post("/lab/api/report", {});
          await poll();
        });
      },
    },
  }, "Make the report now …");
  return {
    nodes: [el("p", {}, "See the results so far"), make, state, link, blockLinks],
    show({ report: asked }) {
      make.disabled = asked?.state === "working";
      tell(state, !asked ? "No report has been requested yet." : `Requested ${ago(asked.asked_at)}${asked.asked_by ? ` by ${asked.asked_by}` : ""}: ${
        asked.state === "working" ? "it is being made." : asked.state === "ready" ? "it is ready." : `it could not be made. ${asked.why ?? ""}`}`);
      link.hidden = asked?.state !== "ready";
      const blocks = asked?.blocks ?? [];
      if (blockLinks.dataset.of !== blocks.join()) {
        blockLinks.dataset.of = blocks.join();
        fill(blockLinks, "By block: ", ...blocks.flatMap((name, i) => [
          ...(i > 0 ? [", "] : []), el("a", { href: address(`lab/blocks/${name}/report.html`), target: "_blank" }, name)]));
      }
      blockLinks.hidden = blocks.length === 0 || asked?.state !== "ready";
    },
  };
}
