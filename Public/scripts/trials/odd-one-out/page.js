import { choosingPage } from "../choosing.js";

export { sounds } from "../listening.js";

// Three sounds, of which one is unlike the other two.

/** @param {TrialParts} parts @returns {TrialPage} */
export const trialPage = (parts) => choosingPage(parts, parts.words.oddOneOut);
