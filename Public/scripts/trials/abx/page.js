import { choosingPage } from "../choosing.js";

export { sounds } from "../listening.js";

// X is one of two versions again: which?

/** @param {TrialParts} parts @returns {TrialPage} */
export const trialPage = (parts) => choosingPage(parts, parts.words.abx, parts.words.set);
