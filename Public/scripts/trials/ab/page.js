import { choosingPage } from "../choosing.js";

export { sounds } from "../listening.js";

// Two versions of an item, with its reference where there is one: one of them is preferred, or neither.

/** @param {TrialParts} parts @returns {TrialPage} */
export const trialPage = (parts) => choosingPage(parts, parts.words.ab);
