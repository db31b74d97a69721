import { get } from "../api.js";
import { el, fill, showDialog } from "../dom.js";
import { pageName } from "./pages.js";
import { number } from "./parts.js";

/** @type {Record<string, string>} */
const words = {
  began: "Began", further_browser: "Continued in another browser", answered: "Answered", refused: "Refused",
  excluded: "Excluded from analyses", included: "Included again", ended: "Ended early", finished: "Finished",
};

/** @param {string} iso @param {string} start @returns {string} */
const since = (iso, start) => {
  const seconds = Math.max(0, Math.round((Date.parse(iso) - Date.parse(start)) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};

/** @param {Server.Timeline["entries"][number]} entry @returns {string} */
const said = ({ what, step, number: count, response_ms: ms, why, who }) => [
  `${words[what] ?? what}${step ? `: ${pageName(step, count)}` : ""}`,
  ms === undefined ? "" : `after ${number(ms / 1000, 1)} s`,
  why ? `(${why.replaceAll("_", " ").replaceAll(";", ", ")})` : "", who ? `by ${who}` : ""].filter(Boolean).join(" ");

/**
 * The course of a session, from beginning to end, in its own dialog.
 * @param {(error: unknown) => void} failed
 */
export function timelineDialog(failed) {
  const heading = el("h2", { tabindex: -1 });
  const facts = el("p", { class: "faint" });
  const list = el("ol", { class: "timeline" });
  const acts = el("div", { class: "together" });
  const node = el("dialog", { class: "confirm wide" }, el("form", { method: "dialog" }, heading, facts, list, acts));
  return {
    node,
    /**
     * @param {Server.Participant} one
     * @param {HTMLElement[]} more buttons beside the close button
     */
    async open({ session, participant }, ...more) {
      try {
        const { participant: one, entries } = await get(`/lab/api/sessions/${session}`);
        heading.textContent = `No. ${participant}`;
        facts.textContent = [`language ${one.language}`, one.group && `group ${one.group}`, one.external_id && `id ${one.external_id}`,
          one.recruited_from && `from ${one.recruited_from}`, one.sitting > 1 && `sitting ${one.sitting}`].filter(Boolean).join(" · ");
        fill(list, ...entries.map((entry) => el("li", {}, el("time", { datetime: entry.at, title: new Date(entry.at).toLocaleString() },
          since(entry.at, one.started_at)), el("span", {}, said(entry)))));
        fill(acts, el("button", { value: "", autofocus: true }, "Close"), ...more);
        showDialog(node, true);
      } catch (error) {
        failed(error);
      }
    },
  };
}
