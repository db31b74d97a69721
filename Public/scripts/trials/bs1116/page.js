import { gradingPage } from "../grading.js";

export { sounds } from "../listening.js";

// A version and, unmarked, the reference itself, graded in tenths from 1.0 to 5.0 (ITU-R BS.1116-3).

/** @param {TrialParts} parts @returns {TrialPage} */
export const trialPage = (parts) => gradingPage(parts, parts.words.bs1116, { min: 10, max: 50 },
  (tenths) => (tenths / 10).toLocaleString(parts.language, { minimumFractionDigits: 1 }));
