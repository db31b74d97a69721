/** A leap year in milliseconds: the longest time that pages report, and that the server stores. */
const longestMs = 366 * 86_400_000;

/**
 * A measured time as it is sent: whole milliseconds, from 0 to a leap year, so that no answer is refused because of its
 * timing.
 * @param {number} ms
 * @returns {number}
 */
export function wholeMs(ms) {
  return Math.min(longestMs, Math.max(0, Math.round(ms) || 0));
}
