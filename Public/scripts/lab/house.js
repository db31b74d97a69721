import { address, Away, getIfNew, post, Refused, within } from "../api.js";
import { el, fill, tell } from "../dom.js";
import { number, shareBar, table } from "./parts.js";
import { keepUp } from "./sign-in.js";

// The overview of several studies: the state of each, and a link to its own page.

const pollMs = 5000;
const patienceMs = 5000;

/** @param {Server.HouseEntry} one @returns {string} */
const stateOf = ({ trouble, closed, errors = 0 }) => (trouble !== undefined ? `needs attention: ${trouble}`
  : errors > 0 ? "some requests have failed" : closed ? `closed to new listeners (${closed})` : "open");

function build() {
  const state = el("p", { class: "health", role: "status" }, "Loading …");
  const leave = el("button", {
    type: "button", class: "quiet",
    on: {
      async click() {
        await post("/sign-out", {}).catch(() => {});
        location.reload();
      },
    },
  }, "Sign out");
  const studies = table("Studies", [["Study"], ["State"], ["Now", "number"], ["Finished", "number"], ["", "bar"], ["Began", "number"], ["Saves", "number"], ["Errors", "number"]]);
  fill(document.body, el("main", { class: "lab" },
    el("header", {}, el("h1", {}, "Studies"), leave, state), el("section", {}, studies.node)));
  /** @type {Map<string, { cell: HTMLElement, title: HTMLElement, isServed: boolean }>} by name; nodes are reused so that links keep the focus */
  const known = new Map();
  /** @param {Server.HouseEntry} one @returns {HTMLElement} its title and its name, since two may have the same title */
  const nameOf = ({ name, title, trouble }) => {
    const isServed = trouble === undefined;
    if (known.get(name)?.isServed !== isServed) {
      const link = el(isServed ? "a" : "span", isServed ? { href: address(`${encodeURIComponent(name)}/lab`) } : {});
      known.set(name, { title: link, isServed, cell: el("span", {}, link, ...(title && title !== name ? [" ", el("span", { class: "faint" }, name)] : [])) });
    }
    const { cell, title: shown } = /** @type {{ cell: HTMLElement, title: HTMLElement }} */ (known.get(name));
    tell(shown, title || name);
    return cell;
  };
  const tags = new Map();
  return async () => {
    try {
      const fresh = await within(patienceMs, () => getIfNew("/lab/api/overview", tags));
      document.body.classList.remove("stale");
      if (!fresh) return;
      studies.show(fresh.map((one) => [
        nameOf(one), stateOf(one), number(one.active), one.wanted ? `${number(one.passed)} of ${number(one.wanted)}` : number(one.finished),
        one.wanted ? shareBar((one.passed ?? 0) / one.wanted) : "", number(one.joined), number(one.saves), number(one.errors),
      ]));
      const failing = fresh.filter((one) => one.trouble !== undefined || (one.errors ?? 0) > 0).length;
      tell(state, failing > 0 ? `${number(failing)} of ${number(fresh.length)} ${failing === 1 ? "needs" : "need"} attention.` : "All are running well.");
    } catch (error) {
      if (error instanceof Refused && error.status === 401) throw error;
      if (!(error instanceof Away || error instanceof Refused)) throw error;
      tell(state, "The server is out of reach; these numbers will not update until it is back.");
      document.body.classList.add("stale");
    }
  };
}

keepUp(build, pollMs);
