/** No page measures more: a leap year. The server stores no more either. */
const longestMs = 366 * 86_400_000;

/**
 * What was measured, as it is sent: whole milliseconds, never less than nothing and never more than a leap year, so that
 * no answer is refused for its timing.
 * @param {number} ms
 * @returns {number}
 */
export function wholeMs(ms) {
  return Math.min(longestMs, Math.max(0, Math.round(ms) || 0));
}
