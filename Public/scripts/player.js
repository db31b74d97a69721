import { Parcel } from "./parcel.js";
import { Sound } from "./sound.js";

// Owns all playback. It promises that a sound starts at its first sample at full gain, after the previous one has faded
// out, so that nothing else sounds during its attack; that a loop repeats at exact frames; and that nothing ever
// resumes in the middle of a file after an interruption.

const fadeSeconds = 0.008;
/** In seconds: the fade out of one version, and the fade into the next (ITU-R BS.1534-3). */
const versionFadeSeconds = 0.005;
const gapSeconds = 0.35;
/** @type {[number, number]} */
const whole = [0, 1];
/** In seconds: at least two render quanta at 44.1 kHz, and at most a delay that a finger does not feel. */
const shortestLead = 0.006;
const longestLead = 0.03;
/** In seconds: additional lead for each version that starts together with others. */
const oneMoreLead = 0.001;
/**
 * WebKit sends nothing to its device during silence, and then loses about 10 ms of the next attack. There, an endless
 * source outputs this constant value, half a step of 24 bits. A source of zeros does not help.
 */
const breath = 2 ** -25;
const isWebKit = navigator.vendor.startsWith("Apple");
/** In seconds. A device that was asleep may swallow its first moments, in which there must be no attack. */
const wakeLeadSeconds = isWebKit ? 0.25 : 0.12;
const wakePatienceMs = 1500;
/** In milliseconds. Wireless headphones take a while to wake up, and a second context would only restart the wait. */
const openPatienceMs = 5000;

/** A sound is not available. `kind`: `network` (a retry may help) or `decode` (the file cannot be played here). */
export class SoundProblem extends Error {
  /** @param {"network" | "decode"} kind @param {string} url @param {unknown} [cause] */
  constructor(kind, url, cause) {
    super(`${kind}: ${url}`, { cause });
    this.kind = kind;
    this.url = url;
  }
}

/** Nothing can be heard: there is no device, or the browser suspends it until the listener touches the page again. */
export class SoundAsleep extends Error {}

/**
 * The time of the next frame at or after a given time. A start between frames would make the browser interpolate the
 * attack.
 * @param {BaseAudioContext} context @param {number} seconds
 */
function frameTime({ sampleRate: rate }, seconds) {
  return Math.ceil(seconds * rate) / rate;
}

/**
 * How far ahead to schedule. The audio thread renders one device buffer at a time; what is scheduled within a buffer
 * already rendered would start late, beside a fade that started in time.
 * @param {AudioContext} context
 */
function lead({ baseLatency }) {
  return Math.min(longestLead, Math.max(shortestLead, 2 * (baseLatency || 0)));
}

/** @param {number | null} rate in hertz @returns {AudioContext} @throws {SoundAsleep} */
function openContext(rate) {
  /** @type {AudioContextOptions} */
  const wishes = { latencyHint: "interactive" };
  for (const options of rate ? [{ ...wishes, sampleRate: rate }, wishes] : [wishes]) {
    try {
      return new AudioContext(options);
    } catch {
      // Not at this rate, or not at all.
    }
  }
  throw new SoundAsleep("No device opens.");
}

/**
 * @typedef {object} Voice
 * @property {string} owner the button that asked for it
 * @property {string} url the sound that plays now
 * @property {number} startedAt context time at which `url` began
 * @property {number} duration of one pass of `url`, in seconds
 * @property {boolean} loop
 * @property {number} [since] context time from which `url` is audible, if that differs from when it began
 * @typedef {Pick<Voice, "owner" | "url">} Heard
 * @typedef {object} Sounding
 * @property {GainNode} out
 * @property {{stop: (at?: number) => void}[]} sources
 * @property {Voice} now
 * @property {Map<string, GainNode>} [versions] the versions that run together, of which one is audible
 * @property {number} [settled] context time from which only that one is audible
 */

/**
 * Fires `start` and `end` for each sound that is heard, and `change` whenever `playing` changes.
 */
export class Player extends /** @type {new () => Emitter<{start: Heard, end: Heard & {seconds: number}, change: null}>} */ (EventTarget) {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {Map<string, {promise: Promise<Sound>, sound: Sound | null}>} */
  #sounds = new Map();
  /** @type {Map<string, Parcel>} by address */
  #parcels = new Map();
  /** @type {Sounding | null} */
  #voice = null;
  /** The context time after which no earlier sound is audible any more. */
  #quietFrom = 0;
  #asked = 0;
  /**
   * The sample rate that the context was asked for. A browser that cannot provide it resamples by itself.
   * @type {number | null}
   */
  #rate = null;
  /** Whether the device has ever played this context. If not, waiting is all that helps. */
  #hasRun = false;
  /** Whether waiting for the context has failed. Then a new one is worth a try. */
  #hasFailed = false;
  /** Ends the wait for the device. */
  #fail = () => {};

  /** @returns {Voice | null} */
  get playing() {
    return this.#voice?.now ?? null;
  }

  /** The progress of the current pass, from 0 to 1. @returns {number} */
  get progress() {
    const now = this.playing;
    if (!now || !this.#context) return 0;
    const passed = Math.max(0, this.#context.currentTime - now.startedAt);
    return now.loop ? (passed % now.duration) / now.duration : Math.min(1, passed / now.duration);
  }

  /**
   * Fetches a sound once and prepares it for playback. Further calls return the same promise, unless it failed.
   * @param {string} url the URL of a parcel and, after `#`, the sound's index in it
   * @returns {Promise<Sound>}
   * @throws {SoundProblem}
   */
  load(url) {
    const known = this.#sounds.get(url);
    if (known) return known.promise;
    const promise = this.#fetch(url).then(
      (sound) => { entry.sound = sound; return sound; },
      (problem) => { this.#sounds.delete(url); throw problem; });
    /** @type {{promise: Promise<Sound>, sound: Sound | null}} */
    const entry = { promise, sound: null };
    promise.catch(() => {}); // A failed prefetch is reported when its sound is needed.
    this.#sounds.set(url, entry);
    return promise;
  }

  /**
   * Fetches the parcels of a page's sounds, without preparing the sounds.
   * @param {string[]} urls
   * @returns {Promise<number>} their total size in bytes
   * @throws {SoundProblem}
   */
  async fetch(urls) {
    const parcels = this.#parcelsOf(urls);
    try {
      await Promise.all(parcels.map((parcel) => parcel.fetch()));
    } catch (cause) {
      throw new SoundProblem("network", urls[0], cause);
    }
    return parcels.reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * How much of the sounds' parcels has arrived, and their total size, in bytes; a size is 0 until the server has told
   * it.
   * @param {string[]} urls
   * @returns {{got: number, size: number}}
   */
  arrived(urls) {
    const parcels = this.#parcelsOf(urls);
    return { got: parcels.reduce((sum, { got }) => sum + got, 0), size: parcels.reduce((sum, { size }) => sum + size, 0) };
  }

  /** @param {string} url a loaded sound @returns {number} in seconds; 0 if it is not loaded */
  lengthOf(url) {
    return this.#sounds.get(url)?.sound?.duration ?? 0;
  }

  /**
   * The playback device, as far as the browser tells. The temporary context runs at the device's own rate, while those
   * used for playback run at the sounds' rate.
   */
  device() {
    /** @type {Server.PlayingDevice} */
    const told = { channels: this.#context?.destination.maxChannelCount };
    const { outputLatency, baseLatency } = this.#context ?? {};
    if (outputLatency || baseLatency) told.latency_ms = 1000 * (outputLatency || baseLatency || 0);
    try {
      const own = new AudioContext();
      told.rate_hz = own.sampleRate;
      own.close().catch(() => {});
    } catch {
      // No device can be opened at the moment.
    }
    return told;
  }

  /** @param {string[]} urls */
  #parcelsOf(urls) {
    return [...new Set(urls.map((url) => url.split("#")[0]))].map((address) => this.#parcel(address));
  }

  /** @param {string} address */
  #parcel(address) {
    const parcel = this.#parcels.get(address) ?? new Parcel(address);
    this.#parcels.set(address, parcel);
    return parcel;
  }

  /**
   * Discards all sounds except these.
   * @param {string[]} readied sounds to keep prepared
   * @param {string[]} fetched sounds whose parcels to keep
   */
  keepOnly(readied, fetched) {
    const parcels = [...readied, ...fetched].map((url) => url.split("#")[0]);
    for (const url of this.#sounds.keys()) if (!readied.includes(url)) this.#sounds.delete(url);
    for (const [address, parcel] of this.#parcels) {
      if (parcels.includes(address)) continue;
      this.#parcels.delete(address);
      parcel.drop();
    }
  }

  /**
   * Fades out the current sound, then plays from the first sample. Call it from a user gesture.
   * @param {string} url a loaded sound
   * @param {object} how
   * @param {string} [how.owner] the button that asked for it
   * @param {boolean} [how.loop] whether to repeat seamlessly until stopped
   * @param {string | null} [how.after] a loaded sound to play once before it, followed by a short gap
   * @param {number} [how.afterSeconds] how much of that sound to play, from its beginning
   * @returns {Promise<void>} resolves once it is scheduled
   * @throws {SoundAsleep | SoundProblem}
   */
  async play(url, { owner = url, loop = false, after = null, afterSeconds = Infinity } = {}) {
    this.#asked += 1;
    const mine = this.#asked;
    const waking = this.#wake(this.#sounds.get(url)?.sound?.rate ?? null); // Before any await, because iOS requires it within the gesture.
    waking.catch(() => {}); // Reported below, unless loading fails first.
    const [take, before] = await Promise.all([this.#take(url, whole, loop), after ? this.#take(after, [0, Math.min(1, afterSeconds / this.lengthOf(after))], false) : null]);
    const slept = await waking;
    const context = this.#context;
    if (!context || mine !== this.#asked) return; // Something else was requested meanwhile.
    const soon = frameTime(context, context.currentTime + (slept ? wakeLeadSeconds : lead(context)));
    this.#leave(soon);
    const start = Math.max(soon, this.#quietFrom);

    const out = context.createGain();
    out.connect(context.destination);
    const main = before ? frameTime(context, start + before.duration + gapSeconds) : start;
    const now = { owner, url, startedAt: main, duration: take.duration, loop };
    /** @type {Sounding} */
    const voice = { out, sources: [], now };
    this.#voice = voice;
    if (before) {
      before.start(out, start, { late: () => this.#giveUp(voice) });
      // A silent source that ends at the frame where the sample begins, so that the audio clock itself tells when.
      const mark = new ConstantSourceNode(context, { offset: 0 });
      mark.connect(out);
      mark.start(start);
      mark.stop(main);
      mark.addEventListener("ended", () => {
        if (this.#voice !== voice) return;
        this.#tellEnd(voice, before.duration);
        this.#tellStart(voice, now);
      });
      voice.sources.push(before, mark);
    }
    const ended = () => {
      if (this.#voice !== voice) return;
      this.#voice = null;
      this.#tellEnd(voice, take.duration);
      out.disconnect();
    };
    take.start(out, main, { ended, late: () => this.#giveUp(voice) });
    voice.sources.push(take);
    this.#tellStart(voice, before && after ? { owner, url: after, startedAt: start, duration: before.duration, loop: false } : now);
  }

  /**
   * Plays one of several versions of the same material, repeatedly. All versions run together; if they already do,
   * playback continues at the same position with the other version. Call it from a user gesture.
   * @param {string[]} urls all versions, of equal length and rate
   * @param {string} url the version to be heard
   * @param {object} how
   * @param {string} [how.owner] the button that asked for it
   * @param {[number, number]} [how.region] the region that is played, as shares of the whole
   * @returns {Promise<void>} resolves once it is scheduled
   * @throws {SoundAsleep | SoundProblem}
   */
  async playVersion(urls, url, { owner = url, region = whole } = {}) {
    if (this.#voice?.versions?.has(url)) {
      this.#change(this.#voice, url, owner);
      return;
    }
    this.#asked += 1;
    const mine = this.#asked;
    const waking = this.#wake(this.#sounds.get(url)?.sound?.rate ?? null); // Before any await, because iOS requires it within the gesture.
    waking.catch(() => {}); // Reported below, unless loading fails first.
    const takes = await Promise.all(urls.map((one) => this.#take(one, region, true)));
    const slept = await waking;
    const context = this.#context;
    if (!context || mine !== this.#asked) return; // Something else was requested meanwhile.
    const out = context.createGain();
    out.connect(context.destination);
    const gains = urls.map((one) => {
      const gain = new GainNode(context, { gain: one === url ? 1 : 0 });
      gain.connect(out);
      return gain;
    });
    // All must be scheduled before the first one begins, or they would not be synchronous.
    const ahead = lead(context) + takes.length * oneMoreLead;
    const soon = frameTime(context, context.currentTime + (slept ? wakeLeadSeconds : ahead));
    this.#leave(soon);
    const start = Math.max(soon, this.#quietFrom);
    const now = { owner, url, startedAt: start, duration: takes[urls.indexOf(url)].duration, loop: true };
    /** @type {Sounding} */
    const voice = { out, sources: takes, now, versions: new Map(urls.map((one, i) => [one, gains[i]])), settled: start };
    this.#voice = voice;
    takes.forEach((take, i) => take.start(gains[i], start, { late: () => this.#giveUp(voice) }));
    this.#tellStart(voice, now);
  }

  /**
   * Switches to another version: the current one fades out, then the other fades in.
   * @param {Sounding} voice @param {string} url @param {string} owner
   */
  #change(voice, url, owner) {
    const { context } = voice.out;
    const [from, to] = [voice.versions?.get(voice.now.url), voice.versions?.get(url)];
    if (!from || !to || from === to) return;
    const at = frameTime(context, Math.max(context.currentTime + lead(/** @type {AudioContext} */ (context)), voice.settled ?? 0));
    const between = frameTime(context, at + versionFadeSeconds);
    voice.settled = frameTime(context, between + versionFadeSeconds);
    from.gain.setValueAtTime(1, at);
    from.gain.linearRampToValueAtTime(0, between);
    to.gain.setValueAtTime(0, between);
    to.gain.linearRampToValueAtTime(1, voice.settled);
    this.#tellEnd(voice, Math.max(0, at - (voice.now.since ?? voice.now.startedAt)));
    this.#tellStart(voice, { ...voice.now, owner, url, since: between });
  }

  /** Fades out the current sound. */
  stop() {
    this.#asked += 1;
    if (this.#context) this.#leave(frameTime(this.#context, this.#context.currentTime + lead(this.#context)));
  }

  /** Resumes the context if the browser has suspended it; for gestures, and for returning to the page. */
  revive() {
    if (this.#context && this.#context.state !== "running" && this.#context.state !== "closed") {
      this.#context.resume().catch(() => {});
    }
  }

  /** @param {string} url */
  async #fetch(url) {
    const [address, place] = url.split("#");
    let file;
    try {
      file = await this.#parcel(address).sound(Number(place));
    } catch (cause) {
      throw new SoundProblem("network", url, cause);
    }
    try {
      return await Sound.open(file);
    } catch (cause) {
      this.#parcels.get(address)?.drop();
      this.#parcels.delete(address); // A retry fetches it again.
      throw new SoundProblem("decode", url, cause);
    }
  }

  /**
   * Prepares a context at the sound's own sample rate, so that none of its frames is interpolated.
   * @param {number | null} rate
   * @returns {Promise<boolean>} whether the device may have been asleep
   */
  async #wake(rate) {
    let context = this.#context;
    const isNew = !context || context.state === "closed" || this.#hasFailed || Boolean(rate && rate !== this.#rate);
    if (!context || isNew) context = this.#open(rate);
    if (context.state === "running") return isWebKit && isNew; // In WebKit, a context runs before its device does.
    const hasRun = this.#hasRun;
    if (await this.#resumed(context)) return true;
    // After some interruptions (a call, a device change) a context never runs again; start with a new one.
    if (hasRun && await this.#resumed(this.#open(rate))) return true;
    this.#hasFailed = true;
    throw new SoundAsleep("No device plays.");
  }

  /** @param {AudioContext} context */
  async #resumed(context) {
    let timer = 0;
    /** @type {Promise<void>} */
    const tooLong = new Promise((resolve) => {
      timer = setTimeout(resolve, this.#hasRun ? wakePatienceMs : openPatienceMs);
      this.#fail = resolve;
    });
    await Promise.race([context.resume().catch(() => {}), tooLong]);
    clearTimeout(timer);
    return context.state === "running";
  }

  /** @param {number | null} rate @returns {AudioContext} */
  #open(rate) {
    this.#silence();
    this.#context?.close().catch(() => {});
    this.#rate = rate;
    this.#hasRun = false;
    this.#hasFailed = false;
    this.#quietFrom = 0;
    const context = openContext(rate);
    context.addEventListener("error", () => { if (context === this.#context) this.#fail(); }); // There is no device.
    context.addEventListener("statechange", () => {
      if (context !== this.#context) return;
      if (context.state === "running") this.#hasRun = true;
      else this.#silence(); // An interrupted sound must not resume mid-file when the context wakes up.
    });
    if (isWebKit) {
      const keeper = new ConstantSourceNode(context, { offset: breath });
      keeper.connect(context.destination);
      keeper.start();
    }
    this.#context = context;
    return context;
  }

  /**
   * Loads a sound and prepares a region of it.
   * @param {string} url @param {[number, number]} region @param {boolean} loop
   * @throws {SoundProblem}
   */
  async #take(url, region, loop) {
    const sound = await this.load(url);
    try {
      return await sound.take(region, loop);
    } catch (cause) {
      throw new SoundProblem("decode", url, cause);
    }
  }

  /**
   * Stops a sound that cannot continue in time, because listeners would take silence in the middle for part of it.
   * @param {Sounding} voice
   */
  #giveUp(voice) {
    if (this.#voice === voice) this.stop();
  }

  /** @param {number} at */
  #leave(at) {
    const voice = this.#voice;
    if (!voice) return;
    this.#voice = null;
    const gone = frameTime(voice.out.context, at + fadeSeconds);
    voice.out.gain.setValueAtTime(1, at);
    voice.out.gain.linearRampToValueAtTime(0, gone);
    for (const source of voice.sources) source.stop(gone);
    this.#quietFrom = Math.max(this.#quietFrom, gone);
    this.#tellEnd(voice, Math.max(0, at - (voice.now.since ?? voice.now.startedAt)));
  }

  #silence() {
    const voice = this.#voice;
    if (!voice) return;
    this.#voice = null;
    voice.out.disconnect();
    for (const source of voice.sources) source.stop();
    this.#tellEnd(voice, Math.max(0, voice.out.context.currentTime - (voice.now.since ?? voice.now.startedAt)));
  }

  /** @param {Sounding} voice @param {Voice} now */
  #tellStart(voice, now) {
    voice.now = now;
    this.dispatchEvent(new CustomEvent("start", { detail: { owner: now.owner, url: now.url } }));
    this.dispatchEvent(new CustomEvent("change"));
  }

  /** @param {Sounding} voice @param {number} seconds */
  #tellEnd(voice, seconds) {
    const { owner, url, loop, duration } = voice.now;
    const heard = loop ? seconds : Math.min(seconds, duration);
    this.dispatchEvent(new CustomEvent("end", { detail: { owner, url, seconds: heard } }));
    this.dispatchEvent(new CustomEvent("change"));
  }
}
