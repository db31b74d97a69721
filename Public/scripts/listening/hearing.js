// What was heard of the sounds of a page, and whether that is enough.

/**
 * What was heard of a sound; times in milliseconds.
 * @typedef {{plays: number, listened_ms: number, length_ms?: number}} Listened
 */

/** @typedef {ReturnType<typeof hearingOf>} Hearing */

/**
 * Counts what is heard, by the block's rules. All its functions take a sound by what was heard of it before.
 * @param {Server.Block} block
 * @param {Listened} loop what the samples are compared with: it is not judged, and may be played as often as one likes
 */
export function hearingOf({ must_hear_ms: mustHear = 0, must_hear_share: mustHearShare = 0, max_plays: maxPlays = Infinity }, loop) {
  /**
   * What sounds now, and since when.
   * @type {{sound: Listened, at: number} | null}
   */
  let now = null;
  /** @param {Listened} sound */
  const isSounding = (sound) => now?.sound === sound;
  /** @param {Listened} sound */
  const heardMs = (sound) => sound.listened_ms + (now?.sound === sound ? performance.now() - now.at : 0);
  /** @param {Listened} sound @returns {number} for how long it must be heard */
  const leastMs = (sound) => {
    const length = sound.length_ms ?? 0;
    return Math.max(Math.min(mustHear, length), sound === loop ? 0 : Math.floor(mustHearShare * length));
  };
  /** @param {Listened} sound @returns {number} how often it may be played again */
  const playsLeft = (sound) => (sound === loop ? Infinity : maxPlays - sound.plays);
  return {
    isSounding,
    playsLeft,
    /**
     * What may not be played again cannot be heard for longer.
     * @param {Listened} sound
     */
    isHeard: (sound) => sound.plays > 0 && (heardMs(sound) >= leastMs(sound) || (playsLeft(sound) <= 0 && !isSounding(sound))),
    /** @param {Listened} sound @param {number} length in milliseconds @returns {number} after how many it will be heard, if it is not */
    begin(sound, length) {
      now = { sound, at: performance.now() };
      sound.plays += 1;
      sound.length_ms = length;
      return leastMs(sound) - sound.listened_ms;
    },
    /** @param {Listened} sound @param {number} ms */
    end(sound, ms) {
      sound.listened_ms += ms;
      now = null;
    },
  };
}
