import { wholeMs } from "../timing.js";

// What is kept of an unfinished page, so that it continues after a reload.

/** @typedef {import("./hearing.js").Listened} Listened */

/**
 * @template Said
 * @param {TrialParts["draft"]} draft
 * @param {Said} blank the state of a sample about which nothing was said yet
 */
export function memoryOf(draft, blank) {
  /** @type {{loop: number, loop_ms: number, loop_length_ms?: number, elapsed_ms: number, comment: string, region: [number, number], samples: Partial<Record<string, Said & Listened>>}} */
  const kept = { loop: 0, loop_ms: 0, elapsed_ms: 0, comment: "", region: [0, 1], samples: {}, ...draft.answers };
  const openedAt = performance.now();
  const elapsed = () => wholeMs(kept.elapsed_ms + performance.now() - openedAt);
  /** @type {Listened} */
  const loop = { plays: kept.loop, listened_ms: kept.loop_ms, length_ms: kept.loop_length_ms };
  /** @type {Record<string, Said & Listened>} */
  const samples = {};
  return {
    elapsed,
    loop,
    comment: kept.comment,
    region: kept.region,
    /** @param {string} position @returns {Said & Listened} the state of that sample; changes to it are kept */
    sample(position) {
      samples[position] = { ...blank, plays: 0, listened_ms: 0, ...kept.samples[position] };
      return samples[position];
    },
    keep() {
      draft.keep({
        loop: loop.plays, loop_ms: loop.listened_ms, loop_length_ms: loop.length_ms, elapsed_ms: elapsed(), comment: this.comment, region: this.region, samples,
      });
    },
  };
}
