import { el, fill, freshId } from "../../dom.js";
import { wholeMs } from "../../timing.js";
import { listed } from "../../words.js";
import { listeningPage } from "../listening.js";

export { sounds } from "../listening.js";

// Free sorting: each sound is put in a group that there is or in a new one; groups may be named.

/**
 * The number of a sound's group, and what the group is called.
 * @typedef {{group: number | null, name: string}} Sorted
 */

/** @param {TrialParts} parts @returns {TrialPage} */
export function trialPage(parts) {
  const said = parts.words.sort;
  const longestName = 100;
  const letters = parts.trial.candidates.map(({ position }) => position);
  /** @type {{row: import("../listening.js").Row<Sorted>, select: HTMLSelectElement}[]} */
  const all = [];
  const names = el("div", { class: "groups" });
  /** @type {(group: number) => void} */
  let named = () => {};

  const groups = () => [...new Set(all.flatMap(({ row }) => (row.state.group === null ? [] : [row.state.group])))].sort((one, other) => one - other);
  /** @param {number | null} group */
  const members = (group) => all.filter(({ row }) => row.state.group === group);
  /** @param {number} group */
  const title = (group) => {
    const { name } = members(group)[0].row.state;
    return name ? said.groupNamed(group, name) : said.group(group);
  };

  const showChoices = () => {
    const known = groups();
    let fresh = 1;
    while (known.includes(fresh)) fresh += 1;
    for (const { row, select } of all) {
      fill(select,
        ...(row.state.group === null ? [el("option", { value: "" }, said.choose)] : []),
        ...known.map((group) => el("option", { value: String(group) }, title(group))),
        el("option", { value: String(fresh) }, said.fresh));
      select.value = String(row.state.group ?? "");
    }
  };
  const showNames = () => {
    fill(names, ...groups().map((group) => {
      const id = freshId("group");
      const input = el("input", { type: "text", id, maxlength: longestName, placeholder: said.namePlaceholder, on: {
        input() {
          for (const { row } of members(group)) row.state.name = input.value;
          showChoices();
        },
        change: () => named(group),
      } });
      input.value = members(group)[0].row.state.name;
      const list = listed(members(group).map(({ row }) => row.position), letters, parts.language);
      return el("p", { class: "group" }, el("label", { for: id }, said.group(group), " ", el("span", { class: "faint" }, list)), input);
    }));
  };
  const show = () => {
    showChoices();
    showNames();
  };

  return listeningPage(parts, {
    blank: /** @type {Sorted} */ ({ group: null, name: "" }),
    control(row, { allowed, changed }) {
      const select = el("select", { class: "group-of", "aria-label": said.groupOf(row.position) });
      select.addEventListener("change", () => {
        const group = Number(select.value);
        if (allowed()) {
          row.state.name = members(group)[0]?.row.state.name ?? "";
          row.state.group = group;
          changed(group);
        }
        show();
      });
      all.push({ row, select });
      if (all.length === parts.trial.candidates.length) show();
      return { node: select, focusable: () => select };
    },
    isSaid: ({ state }) => state.group !== null,
    hear: "each",
    listenFirst: said.listenFirst,
    said: said.sorted,
    open: (rows) => rows.filter(({ state }) => state.group === null),
    say: said.say,
    playAndSay: said.playAndSay,
    words: { sort: said.arrange },
    score: ({ state }) => (state.group === null ? null : -state.group),
    keys: { arrows: "choose", isColumn: true, hasLists: true },
    above: null,
    below({ changed }) {
      named = changed;
      return names;
    },
    answer: (rows) => ({
      // All are in a group, or the page would not be left.
      groups: groups().map((group) => ({
        positions: members(group).map(({ row }) => row.position), name: members(group)[0].row.state.name.trim(),
      })),
      heard: rows.map(({ position, state }) => ({ position, plays: state.plays, listened_ms: wholeMs(state.listened_ms) })),
    }),
  });
}
