import { categoryPage } from "../category.js";

export { sounds } from "../listening.js";

// A version by itself.

/** @param {TrialParts} parts @returns {TrialPage} */
export const trialPage = (parts) => categoryPage(parts, { ...parts.words.category, ...parts.words.acr });
