import { choosingPage } from "../choosing.js";

export { sounds } from "../listening.js";

// X is the same as one of two versions: which?

/** @param {TrialParts} parts @returns {TrialPage} */
export const trialPage = (parts) => choosingPage(parts, parts.words.abx, parts.words.set);
