import { wholeMs } from "../timing.js";

// Playback on a page with a few samples: one sample, the sound they are compared with, or that sound followed by a
// sample.

/** @typedef {{position: string, audio: string, state: import("./hearing.js").Listened}} Playable */

/** @typedef {ReturnType<typeof playingOf>} Playing */

/** @param {Server.Trial} trial @returns {string[]} */
export function sounds(trial) {
  return [...(trial.query === null ? [] : [trial.query]), ...trial.candidates.map((candidate) => candidate.audio)];
}

/** @param {Server.Block} block @returns {boolean} whether listeners switch between versions during playback */
export const switchesInPlace = (block) => block.is_aligned === true && !block.from_start;

/**
 * The last two sounds that were heard, between which a key switches.
 * @param {Playable[]} samples
 */
function heardOf(samples) {
  let latest = samples[0];
  /** @type {(Playable | "loop")[]} the latest first */
  let recent = [];
  return {
    /** The latest sample; the first one if none was heard. */
    get latest() { return latest; },
    get last() { return recent[0]; },
    get before() { return recent[1]; },
    /** @param {Playable | null} sample null for the sound they are compared with */
    began(sample) {
      if (recent[0] !== (sample ?? "loop")) recent = [sample ?? "loop", ...recent.slice(0, 1)];
      latest = sample ?? latest;
    },
  };
}

/**
 * @param {TrialParts} parts
 * @param {object} about
 * @param {Playable[]} about.samples
 * @param {{region: [number, number]}} about.memory versions are played in its region
 * @param {import("./hearing.js").Hearing} about.hearing
 * @param {(position: string) => string} about.spent the message that the sound may not be played again
 */
export function playingOf({ trial, block, player, sound, say }, { samples, memory, hearing, spent }) {
  const { query } = trial;
  const isInPlace = switchesInPlace(block);
  const past = heardOf(samples);
  /** Whether the sound that is about to begin continues what played, in another region. */
  let isContinued = false;

  /** @param {string} url @param {string} owner */
  const playVersion = (url, owner) => player.playVersion(sounds(trial), url, { owner, region: memory.region });
  /** @param {Playable} sample @param {boolean} withLoop */
  const play = ({ audio, position, state }, withLoop) => {
    isContinued = false;
    if (hearing.playsLeft(state) <= 0) say(spent(position));
    else sound(() => (isInPlace ? playVersion(audio, position)
      : player.play(audio, { owner: position, after: withLoop ? query : null, afterSeconds: (block.compare_ms ?? Infinity) / 1000 })));
  };
  /** @param {string} owner if its sound already plays, it is stopped */
  const toggle = (owner, begin = () => {}) => {
    if (player.playing?.owner === owner) player.stop();
    else begin();
  };
  /** If there is no sound beside the samples, its key stops or resumes the current sound. */
  const rest = () => {
    if (player.playing) player.stop();
    else play(past.latest, false);
  };
  const pressLoop = () => toggle("loop", () => {
    isContinued = false;
    if (query === null) rest();
    else sound(() => (isInPlace ? playVersion(query, "loop") : player.play(query, { owner: "loop", loop: !block.is_set && !block.from_start })));
  });
  return {
    play,
    pressLoop,
    /** @param {Playable} sample @param {boolean} withLoop */
    press: (sample, withLoop) => toggle(sample.position, () => play(sample, withLoop)),
    pressSwitch() {
      const other = past.before ?? (query === null || past.last === "loop" ? past.latest : "loop");
      if (other === "loop") pressLoop();
      else play(other, false);
    },
    /** Continues what plays, in the region as it is now. */
    restart() {
      const now = player.playing;
      if (!now) return;
      player.stop();
      isContinued = true;
      sound(() => playVersion(now.url, now.owner));
    },
    /** Whether the sound that begins counts as another play. */
    get isAnother() { return !isContinued; },
    /** @param {Playable | null} sample the one that has begun; null for the sound they are compared with */
    began(sample) {
      isContinued = false;
      past.began(sample);
    },
  };
}

/**
 * Counts and records what the player plays, until it is told to stop.
 * @param {TrialParts} parts
 * @param {object} about
 * @param {Playable[]} about.samples
 * @param {import("./hearing.js").Listened} about.loop
 * @param {import("./hearing.js").Hearing} about.hearing
 * @param {Playing} about.playing
 * @param {() => void} about.counted
 * @param {() => void} about.enough called when a sound was heard long enough
 * @param {() => void} about.changed called when another sound plays
 * @returns {() => void} stops watching
 */
export function watchPlayer({ trial, player, note }, { samples, loop, hearing, playing, counted, enough, changed }) {
  /** @param {string} url */
  const sampleOf = (url) => samples.find((sample) => sample.audio === url) ?? null;
  /** @param {string} url */
  const named = (url) => (url === trial.query ? "query" : sampleOf(url)?.position ?? null);
  /** @param {CustomEvent<Heard>} event */
  const onStart = ({ detail: { url } }) => {
    note("play", { trial: trial.index, stimulus: named(url) });
    const sample = sampleOf(url);
    const ms = hearing.begin(sample?.state ?? loop, Math.floor(1000 * player.lengthOf(url)), playing.isAnother);
    if (ms > 0) setTimeout(enough, ms + 20);
    playing.began(sample);
    counted();
  };
  /** @param {CustomEvent<Heard & {seconds: number}>} event */
  const onEnd = ({ detail: { url, seconds } }) => {
    const ms = wholeMs(seconds * 1000);
    note("stop", { trial: trial.index, stimulus: named(url), value: ms });
    hearing.end(sampleOf(url)?.state ?? loop, ms);
    counted();
  };
  player.addEventListener("start", onStart);
  player.addEventListener("end", onEnd);
  player.addEventListener("change", changed);
  return () => {
    player.removeEventListener("start", onStart);
    player.removeEventListener("end", onEnd);
    player.removeEventListener("change", changed);
  };
}
