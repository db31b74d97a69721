import * as ab from "./ab/page.js";
import * as abx from "./abx/page.js";
import * as acr from "./acr/page.js";
import * as bs1116 from "./bs1116/page.js";
import * as ccr from "./ccr/page.js";
import * as dcr from "./dcr/page.js";
import * as mushra from "./mushra/page.js";
import * as oddOneOut from "./odd-one-out/page.js";
import * as pairwise from "./pairwise/page.js";
import * as rank from "./rank/page.js";
import * as similarity from "./similarity/page.js";
import * as sort from "./sort/page.js";
import * as triplet from "./triplet/page.js";

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

/** @type {Record<string, TrialType>} */
export const trialTypes = { similarity, triplet, mushra, bs1116, acr, dcr, ccr, ab, abx, rank, pairwise, "odd-one-out": oddOneOut, sort };
