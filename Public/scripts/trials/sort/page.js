import { el, fill, freshId } from "../../dom.js";
import { wholeMs } from "../../timing.js";
import { listed } from "../../words.js";
import { listeningPage } from "../listening.js";

export { sounds } from "../listening.js";

// Free sorting: each sound is put into an existing or a new group; groups can be named.

const longestName = 100;

/**
 * The number of a sound's group, and the group's name.
 * @typedef {{group: number | null, name: string}} Sorted
 */

/** @typedef {import("../listening.js").Row<Sorted>} Row */

/** @param {TrialParts} parts @returns {TrialPage} */
export function trialPage(parts) {
  const said = parts.words.sort;
  const sorting = sortingOf();
  const names = groupNames(parts, sorting, () => lists.show());
  const lists = groupLists(parts, sorting);
  const show = () => {
    lists.show();
    names.show();
  };
  return listeningPage(parts, {
    blank: /** @type {Sorted} */ ({ group: null, name: "" }),
    control(row, { allowed, changed }) {
      const list = lists.add(row, (group) => {
        if (allowed()) {
          sorting.put(row, group);
          changed(group);
        }
        show();
      });
      if (sorting.rows.length === parts.trial.candidates.length) show();
      return { node: list, focusable: () => list };
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
      names.onNamed(changed);
      return names.node;
    },
    answer: (rows) => ({
      // All are in a group, or the page could not be left.
      groups: sorting.groups().map((group) => ({ positions: sorting.members(group).map(({ position }) => position), name: sorting.nameOf(group).trim() })),
      heard: rows.map(({ position, state }) => ({ position, plays: state.plays, listened_ms: wholeMs(state.listened_ms) })),
    }),
  });
}

/** Which sounds are grouped together, and the groups' names. */
function sortingOf() {
  /** @type {Row[]} */
  const rows = [];
  /** @param {number} group */
  const members = (group) => rows.filter(({ state }) => state.group === group);
  /** @param {number} group */
  const nameOf = (group) => members(group)[0]?.state.name ?? "";
  return {
    rows, members, nameOf,
    /** @returns {number[]} the existing groups, in order */
    groups: () => [...new Set(rows.flatMap(({ state }) => (state.group === null ? [] : [state.group])))].sort((one, other) => one - other),
    /** @param {Row} row @param {number} group */
    put({ state }, group) {
      state.name = nameOf(group);
      state.group = group;
    },
    /** @param {number} group @param {string} name */
    call(group, name) {
      for (const { state } of members(group)) state.name = name;
    },
  };
}

/** @typedef {ReturnType<typeof sortingOf>} Sorting */

/**
 * Beside each sound, a list of the existing groups and a new one.
 * @param {TrialParts} parts @param {Sorting} sorting
 */
function groupLists({ words: { sort: said } }, sorting) {
  /** @type {HTMLSelectElement[]} in the order of the rows */
  const lists = [];
  return {
    /** @param {Row} row @param {(group: number) => void} chosen */
    add(row, chosen) {
      const list = el("select", { class: "group-of", "aria-label": said.groupOf(row.position) });
      list.addEventListener("change", () => chosen(Number(list.value)));
      sorting.rows.push(row);
      lists.push(list);
      return list;
    },
    show() {
      const known = sorting.groups();
      let fresh = 1;
      while (known.includes(fresh)) fresh += 1;
      sorting.rows.forEach(({ state }, i) => {
        fill(lists[i],
          ...(state.group === null ? [el("option", { value: "" }, said.choose)] : []),
          ...known.map((group) => {
            const name = sorting.nameOf(group);
            return el("option", { value: String(group) }, name ? said.groupNamed(group, name) : said.group(group));
          }),
          el("option", { value: String(fresh) }, said.fresh));
        lists[i].value = String(state.group ?? "");
      });
    },
  };
}

/**
 * A field for the name of each group.
 * @param {TrialParts} parts @param {Sorting} sorting
 * @param {() => void} renamed called while a name is typed
 */
function groupNames({ trial, language, words: { sort: said } }, sorting, renamed) {
  const node = el("div", { class: "groups" });
  const positions = trial.candidates.map(({ position }) => position);
  /** @type {(group: number) => void} */
  let named = () => {};
  return {
    node,
    /** @param {(group: number) => void} told called when a name is complete */
    onNamed(told) { named = told; },
    show() {
      fill(node, ...sorting.groups().map((group) => {
        const id = freshId("group");
        const input = el("input", { type: "text", id, maxlength: longestName, placeholder: said.namePlaceholder, on: {
          input() {
            sorting.call(group, input.value);
            renamed();
          },
          change: () => named(group),
        } });
        input.value = sorting.nameOf(group);
        const list = listed(sorting.members(group).map(({ position }) => position), positions, language);
        return el("p", { class: "group" }, el("label", { for: id }, said.group(group), " ", el("span", { class: "faint" }, list)), input);
      }));
    },
  };
}
