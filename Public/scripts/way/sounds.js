import { SoundAsleep, SoundProblem } from "../player.js";

// The sounds of a session: playing, waiting, and prefetching, with a calm message and a retry if something fails.

const soundRetryMs = 3000;
/**
 * How much to prefetch, so that an interrupted connection leaves something to continue with: this many trials, if they
 * are not larger than this in total, in bytes.
 */
const mostAhead = 5;
const mostAheadBytes = 64e6;
/** In milliseconds. If a device takes longer to start, a message asks for it, since it may not be there. */
const slowDeviceMs = 1000;
/** In milliseconds. After this time, listeners who wait for a page are told why. */
const slowPageMs = 400;

/** @typedef {Pick<import("../way.js").WayParts, "session" | "frame" | "player" | "words">} Around */

/**
 * Runs playback and, if it fails, shows a message with a retry.
 * @param {Around} around
 * @returns {(task: () => Promise<void>) => Promise<void>}
 */
export function soundPlayer({ session, frame, words }) {
  let told = false;
  /** @param {() => Promise<void>} task */
  const sound = async (task) => {
    /** @param {string} text */
    const tell = (text) => {
      told = true;
      frame.notice(text, { text: words.tryAgain, press: () => sound(task) });
    };
    const slow = setTimeout(() => tell(words.trouble.noSoundYet), slowDeviceMs);
    try {
      await task();
      if (told) frame.notice(null);
      told = false;
    } catch (problem) {
      const kind = problem instanceof SoundProblem ? problem.kind : null;
      session.log.note("error", { value: problem instanceof Error ? problem.message : String(problem) });
      if (kind === "network") session.confirm();
      tell(problem instanceof SoundAsleep ? words.trouble.noSound
        : kind === "decode" ? words.trouble.soundDecode : words.trouble.soundNetwork);
    } finally {
      clearTimeout(slow);
    }
  };
  return sound;
}

/**
 * Waits until all sounds of a page have arrived; if that takes long, it says so calmly, and offers a retry.
 * @param {Around} around
 * @param {string[]} urls
 * @param {() => void} [place] shows the page's position in the session. Called only after the previous page is gone, since
 *   a reader of that line may press keys of the page that it announces
 */
export async function ready({ session, frame, player, words }, urls, place = () => {}) {
  let isTold = false;
  const tell = () => {
    if (isTold) return; // The focus has been moved once, and may be elsewhere by now.
    isTold = true;
    place();
    frame.arriving(words.loading, () => player.arrived(urls));
  };
  for (;;) {
    const slow = setTimeout(tell, slowPageMs);
    try {
      // A race with the end of the session keeps its result until that end, so it must not result in the sounds.
      const arrival = Promise.all(urls.map((url) => player.load(url))).then(() => {});
      await Promise.race([arrival, session.over]);
      frame.notice(null);
      return;
    } catch (problem) {
      if (!(problem instanceof SoundProblem)) throw problem;
      const { kind } = problem;
      session.log.note("error", { value: kind });
      if (kind === "network") session.confirm();
      await Promise.race([session.over, new Promise((resolve) => {
        frame.notice(kind === "decode" ? words.trouble.soundDecode : words.trouble.soundNetwork,
          { text: words.tryAgain, press: resolve });
        if (kind === "network") {
          setTimeout(resolve, soundRetryMs);
          addEventListener("online", resolve, { once: true });
        }
      })]);
    } finally {
      clearTimeout(slow);
    }
  }
}

/**
 * Prefetches the sounds of coming trials.
 * @param {Pick<import("../way.js").WayParts, "session" | "player" | "types">} parts
 */
export function aheadOf({ session, player, types }) {
  const { trials } = session;
  /** @param {Server.Trial[]} some */
  const soundsOf = (some) => some.flatMap((trial) => types[trial.kind].sounds(trial));
  /** The size of a trial's parcel, in bytes. All have the same size (docs/stimuli.md). */
  let parcelSize = 0;
  let errand = 0;
  return {
    /** @param {Server.Trial} trial from now on keeps its sounds and the next one's decoded, and what was prefetched */
    keepFrom(trial) {
      const coming = trials.filter((other) => other.index > trial.index);
      player.keepOnly(soundsOf([trial, ...coming.slice(0, 1)]), soundsOf(coming.slice(0, mostAhead)));
    },
    /**
     * Prefetches from a trial on, one after another, as far as there is room, and decodes the first.
     * @param {number} index
     */
    async fetch(index) {
      errand += 1;
      const mine = errand;
      const coming = trials.filter((trial) => trial.index >= index && !session.isDone({ step: "trial", number: trial.index }));
      try {
        for (const [i, trial] of coming.slice(0, mostAhead).entries()) {
          if (mine !== errand || (i + 1) * parcelSize > mostAheadBytes) return;
          const urls = soundsOf([trial]);
          parcelSize = await player.fetch(urls);
          if (i === 0) for (const url of urls) player.load(url);
        }
      } catch (problem) {
        if (problem instanceof SoundProblem && problem.kind === "network") session.confirm();
      }
    },
  };
}
