import { choosingPage } from "../choosing.js";

export { sounds } from "../listening.js";

// Two versions of an item, with its reference if there is one. The listener prefers one of them, or neither.

/** @param {TrialParts} parts @returns {TrialPage} */
export const trialPage = (parts) => choosingPage(parts, parts.words.ab);
