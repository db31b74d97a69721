import { gradingPage } from "../grading.js";

export { sounds } from "../listening.js";

// All versions of an item, from 0 to 100 (ITU-R BS.1534-3).

/** @param {TrialParts} parts @returns {TrialPage} */
export const trialPage = (parts) => gradingPage(parts, parts.words.mushra, { min: 0, max: 100 });
