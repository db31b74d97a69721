/**
 * A trial type is a folder with a module `page.js`:
 * - `sounds(trial)`: the URLs of all sounds that it plays, for prefetching;
 * - `trialPage(parts)`: its page, whose answer is what the server stores.
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
 * @property {{answers: any, keep: (answers: object) => void}} draft the input so far on this page
 * @property {Pick<import("../storage.js").Storage, "read" | "write">} wishes the listener's settings for all trials
 * @property {import("../events.js").EventLog["note"]} note writes to the event log
 * @property {(task: () => Promise<void>) => void} sound runs playback, and shows a message if it fails
 * @property {(text: string) => void} say tells the listener something in passing, also aloud
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
 * Loads only the types that a session needs.
 * @param {Server.Trial[]} trials
 * @returns {Promise<Record<string, TrialType>>} by name; rejects if one cannot be loaded
 */
export async function typesOf(trials) {
  const kinds = [...new Set(trials.map(({ kind }) => kind))];
  const modules = await Promise.all(kinds.map((kind) => types[kind]()));
  return Object.fromEntries(kinds.map((kind, i) => [kind, modules[i]]));
}
