// How much of each sound on a page was heard, and whether that is enough.

/**
 * How much of a sound was heard; times in milliseconds.
 * @typedef {{plays: number, listened_ms: number, length_ms?: number}} Listened
 */

/** @typedef {ReturnType<typeof hearingOf>} Hearing */

/**
 * Counts what is heard, by the block's rules. All its functions identify a sound by its `Listened` object.
 * @param {Server.Block} block
 * @param {Listened} loop what the samples are compared with: it is not judged, and may be played any number of times
 */
export function hearingOf({ must_hear_ms: mustHear = 0, must_hear_share: mustHearShare = 0, max_plays: maxPlays = Infinity }, loop) {
  /**
   * The sound that plays now, and since when.
   * @type {{sound: Listened, at: number} | null}
   */
  let now = null;
  /** @param {Listened} sound */
  const isSounding = (sound) => now?.sound === sound;
  /** @param {Listened} sound */
  const heardMs = (sound) => sound.listened_ms + (now?.sound === sound ? performance.now() - now.at : 0);
  /** @param {Listened} sound @returns {number} how long it must be heard, in milliseconds */
  const leastMs = (sound) => {
    const length = sound.length_ms ?? 0;
    return Math.max(Math.min(mustHear, length), sound === loop ? 0 : Math.floor(mustHearShare * length));
  };
  /** @param {Listened} sound @returns {number} how often it may still be played */
  const playsLeft = (sound) => (sound === loop ? Infinity : maxPlays - sound.plays);
  return {
    isSounding,
    playsLeft,
    /**
     * A sound without plays left counts as heard, since it cannot be heard for longer.
     * @param {Listened} sound
     */
    isHeard: (sound) => sound.plays > 0 && (heardMs(sound) >= leastMs(sound) || (playsLeft(sound) <= 0 && !isSounding(sound))),
    /**
     * @param {Listened} sound @param {number} length in milliseconds
     * @param {boolean} isAnother whether it counts as another play
     * @returns {number} after how many milliseconds it will have been heard enough, if it was not yet
     */
    begin(sound, length, isAnother) {
      now = { sound, at: performance.now() };
      if (isAnother) sound.plays += 1;
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
