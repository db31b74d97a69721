import { choosingPage } from "../choosing.js";

export { sounds } from "../listening.js";

// Two samples beside the loop, or two sounds beside a third: which one is closer?

/** @param {TrialParts} parts @returns {TrialPage} */
export const trialPage = (parts) => choosingPage(parts, parts.words.triplet);
