import * as similarity from "./similarity.js";

/**
 * A trial type is one module:
 * - `sounds(trial)`: the addresses of all that it plays, for fetching ahead;
 * - `trialPage(parts)`: its page, whose `done` resolves with `{ratings, response_ms}` as the server stores it.
 * @typedef {object} TrialType
 * @property {(trial: any) => string[]} sounds
 * @property {(parts: TrialParts) => import("../pages/page.js").Page} trialPage
 */

/**
 * @typedef {object} TrialParts
 * @property {any} trial as the server describes it
 * @property {any} study texts and scale
 * @property {import("../words.js").Words} words
 * @property {string} language
 * @property {import("../player.js").Player} player
 * @property {{answers: any, keep: (answers: any) => void}} draft what was already done on this page
 * @property {{read: (name: string) => any, write: (name: string, value: any) => void}} wishes what the listener has chosen for all trials
 * @property {(kind: string, what?: object) => void} note writes into the event log
 * @property {(task: () => Promise<void>) => void} sound runs what plays and tells where it fails
 * @property {(text: string) => void} say tells the listener something in passing, aloud too
 * @property {string | null} remark a line above the question
 */

/** @type {Record<string, TrialType>} */
export const trialTypes = { similarity };
