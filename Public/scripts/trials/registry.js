/**
 * A trial type is one folder with a module `page.js`:
 * - `sounds(trial)`: the addresses of all that it plays, for fetching ahead;
 * - `trialPage(parts)`: its page, which tells the answer as the server stores it.
 * @typedef {object} TrialType
 * @property {(trial: Server.Trial) => string[]} sounds
 * @property {(parts: TrialParts) => TrialPage} trialPage
 * @typedef {Page<Pick<Server.Answer, "ratings" | "rating" | "choice" | "groups" | "heard"> & {response_ms: number, comment?: string}>} TrialPage
 */

/**
 * @typedef {object} TrialParts
 * @property {Server.Trial} trial
 * @property {Server.Block} block its question and scale
 * @property {Words} words
 * @property {string} language
 * @property {Player} player
 * @property {{answers: any, keep: (answers: object) => void}} draft what was already done on this page
 * @property {Pick<import("../storage.js").Storage, "read" | "write">} wishes what the listener has chosen for all trials
 * @property {import("../events.js").EventLog["note"]} note writes into the event log
 * @property {(task: () => Promise<void>) => void} sound runs what plays and tells where it fails
 * @property {(text: string) => void} say tells the listener something in passing, aloud too
 * @property {string | null} remark a line above the question
 */

/** @type {Record<Server.Trial["kind"], () => Promise<TrialType>>} */
const types = {
  ab: () => import("./ab/page.js"),
  abx: () => import("./abx/page.js"),
  acr: () => import("./acr/page.js"),
  bs1116: () => import("./bs1116/page.js"),
  ccr: () => import("./ccr/page.js"),
  dcr: () => import("./dcr/page.js"),
  mushra: () => import("./mushra/page.js"),
  "odd-one-out": () => import("./odd-one-out/page.js"),
  pairwise: () => import("./pairwise/page.js"),
  rank: () => import("./rank/page.js"),
  similarity: () => import("./similarity/page.js"),
  sort: () => import("./sort/page.js"),
  triplet: () => import("./triplet/page.js"),
};

/**
 * The types that a session needs, and no others.
 * @param {Server.Trial[]} trials
 * @returns {Promise<Record<string, TrialType>>} by their names; rejects where one does not come
 */
export async function typesOf(trials) {
  const kinds = [...new Set(trials.map(({ kind }) => kind))];
  const modules = await Promise.all(kinds.map((kind) => types[kind]()));
  return Object.fromEntries(kinds.map((kind, i) => [kind, modules[i]]));
}
