import { decodedSize, sampleRate } from "./sound-file.js";

// A sound for playback. A short one is decoded as a whole. A long one would not fit into a phone's memory beside
// others, so it stays encoded and is decoded piece by piece during playback; pieces join at exact frames.

/** Decoded size, in bytes: 20 seconds of stereo at 48 kHz. */
const mostWhole = 8e6;
/** The length of a piece, in seconds. A shorter region of a long sound is decoded in one piece. */
const pieceSeconds = 4;
/** The fade at the ends of a region, in seconds, so that it can repeat without a click. */
const endFadeSeconds = 0.005;

/**
 * Contexts for decoding, by sample rate. They are separate from those for playback, which may be suspended, closed, or
 * at another rate.
 * @type {Map<number, OfflineAudioContext>}
 */
const decoders = new Map();

/** @param {ArrayBuffer} file @param {number} rate in hertz @returns {Promise<AudioBuffer>} */
function decoded(file, rate) {
  const decoder = decoders.get(rate) ?? new OfflineAudioContext(1, 1, rate);
  decoders.set(rate, decoder);
  return decoder.decodeAudioData(file);
}

/**
 * @typedef {object} Take a region of a sound, ready to be played once
 * @property {number} duration of one pass, in seconds
 * @property {(out: AudioNode, at: number, told?: {ended?: () => void, late?: () => void}) => void} start at a context
 *   time; `ended` is called after its end, and `late` if a piece was not ready in time, after which there is silence
 * @property {(at?: number) => void} stop at a context time, or at once
 */

export class Sound {
  /**
   * @param {import("./flac.js").Bytes} file FLAC or WAV
   * @returns {Promise<Sound>}
   * @throws {Error} if it cannot be decoded
   */
  static async open(file) {
    const head = (await file.read(0, Math.min(file.size, 42))).slice().buffer;
    // The code that reads long material in pieces is loaded only if needed.
    const flac = decodedSize(head) > mostWhole ? await (await import("./flac.js")).Flac.open(file) : null;
    if (flac) {
      const sound = new Sound(flac.rate, flac.length, null, flac);
      sound.#first = await sound.#decode(0, sound.#behind(0)); // So that it starts at once, and is known to be decodable.
      return sound;
    }
    const bytes = (await file.read(0, file.size)).slice().buffer;
    const whole = await decoded(bytes, sampleRate(bytes) ?? 44100);
    return new Sound(whole.sampleRate, whole.length, whole, null);
  }

  #whole;
  #flac;
  /** @type {AudioBuffer | null} */
  #first = null;

  /** @param {number} rate @param {number} length @param {AudioBuffer | null} whole @param {import("./flac.js").Flac | null} flac */
  constructor(rate, length, whole, flac) {
    /** In hertz. */
    this.rate = rate;
    /** In samples per channel. */
    this.length = length;
    this.#whole = whole;
    this.#flac = flac;
  }

  /** In seconds. */
  get duration() {
    return this.length / this.rate;
  }

  /**
   * Prepares a region.
   * @param {[number, number]} region as shares of the whole; ends within the sound are faded
   * @param {boolean} loop whether to repeat seamlessly
   * @returns {Promise<Take>}
   */
  async take([from, to], loop) {
    const isPart = from > 0 || to < 1;
    const first = isPart ? Math.round(from * this.length) : 0;
    const end = isPart ? Math.max(first + 1, Math.round(to * this.length)) : this.length;
    if (this.#whole || end - first <= 2 * pieceSeconds * this.rate) {
      const buffer = this.#whole && !isPart ? this.#whole : await this.#part(first, end);
      if (isPart) fadeEnds(buffer, loop || from > 0, loop || to < 1);
      return new WholeTake(buffer, loop);
    }
    const pieces = new PiecewiseTake(this, [first, end], loop, [loop ? isPart : from > 0, loop ? isPart : to < 1]);
    await pieces.ready();
    return pieces;
  }

  /**
   * Where a piece that begins at a sample ends: at a multiple of the piece length, so that no frame is decoded for two
   * pieces. Neither the piece nor the remainder after it is shorter than half that length, to leave time for the next
   * one.
   * @param {number} sample
   * @param {number} [end] the end of what is played
   */
  #behind(sample, end = this.length) {
    const size = Math.round((pieceSeconds * this.rate) / this.#block) * this.#block;
    const behind = (Math.floor((sample + size / 2) / size) + 1) * size;
    return end - behind < size / 2 ? end : behind;
  }

  /**
   * The samples from `from` to the end of the piece, or to `end`.
   * @param {number} from @param {number} end
   * @returns {Promise<AudioBuffer>} a new buffer, which the caller may change
   */
  piece(from, end) {
    return this.#part(from, this.#behind(from, end));
  }

  /** @param {number} from @param {number} to @returns {Promise<AudioBuffer>} a new buffer, which the caller may change */
  async #part(from, to) {
    const isFirst = this.#first && to <= this.#first.length;
    const source = this.#whole ?? (isFirst ? this.#first : null) ?? await this.#decode(from, to);
    const start = this.#whole || isFirst ? from : from - Math.floor(from / this.#block) * this.#block;
    const part = new AudioBuffer({ length: to - from, numberOfChannels: source.numberOfChannels, sampleRate: this.rate });
    for (let channel = 0; channel < source.numberOfChannels; channel += 1) {
      part.copyToChannel(source.getChannelData(channel).subarray(start, start + to - from), channel);
    }
    return part;
  }

  get #block() {
    return this.#flac?.blockSize ?? 1;
  }

  /**
   * Decodes the frames of a long sound that contain the given samples.
   * @param {number} from @param {number} to
   */
  async #decode(from, to) {
    const flac = /** @type {import("./flac.js").Flac} */ (this.#flac);
    const [first, end] = [Math.floor(from / this.#block), Math.ceil(to / this.#block)];
    const buffer = await decoded(await flac.cut(first, end), this.rate);
    const length = Math.min(this.length, end * this.#block) - first * this.#block;
    if (buffer.length !== length) throw new Error(`${buffer.length} samples where there should be ${length}`);
    return buffer;
  }
}

/** @param {AudioBuffer} buffer changed in place @param {boolean} first @param {boolean} last which of its ends to fade */
function fadeEnds(buffer, first, last) {
  const fade = Math.min(Math.round(endFadeSeconds * buffer.sampleRate), Math.floor(buffer.length / 2));
  for (let channel = 0; channel < buffer.numberOfChannels; channel += 1) {
    const samples = buffer.getChannelData(channel);
    for (let i = 0; i < fade; i += 1) {
      if (first) samples[i] *= i / fade;
      if (last) samples[samples.length - 1 - i] *= i / fade;
    }
  }
}

/** @implements {Take} */
class WholeTake {
  #buffer;
  #loop;
  /** @type {AudioBufferSourceNode | null} */
  #source = null;

  /** @param {AudioBuffer} buffer @param {boolean} loop */
  constructor(buffer, loop) {
    this.#buffer = buffer;
    this.#loop = loop;
    this.duration = buffer.duration;
  }

  /** @type {Take["start"]} */
  start(out, at, told = {}) {
    const source = new AudioBufferSourceNode(out.context, { buffer: this.#buffer, loop: this.#loop });
    source.connect(out);
    if (told.ended) source.addEventListener("ended", told.ended);
    source.start(at);
    this.#source = source;
  }

  /** @param {number} [at] */
  stop(at) {
    this.#source?.stop(at);
  }
}

/**
 * Keeps two pieces scheduled at a time: one that plays, and the next one.
 * @implements {Take}
 */
class PiecewiseTake {
  #sound;
  #from;
  #end;
  #loop;
  #fades;
  /** The sample at which the next piece begins. */
  #next;
  /**
   * The first piece.
   * @type {AudioBuffer | null}
   */
  #first = null;
  /** @type {Set<AudioBufferSourceNode>} */
  #scheduled = new Set();
  #isOver = false;
  #goOn = () => {};

  /** @param {Sound} sound @param {[number, number]} samples @param {boolean} loop @param {[boolean, boolean]} fades which of its ends are faded */
  constructor(sound, [from, end], loop, fades) {
    this.#sound = sound;
    this.#from = from;
    this.#end = end;
    this.#loop = loop;
    this.#fades = fades;
    this.#next = from;
    this.duration = (end - from) / sound.rate;
  }

  async ready() {
    this.#first = await this.#piece();
  }

  async #piece() {
    const from = this.#next;
    const buffer = await this.#sound.piece(from, this.#end);
    this.#next = from + buffer.length;
    fadeEnds(buffer, this.#fades[0] && from === this.#from, this.#fades[1] && this.#next === this.#end);
    return buffer;
  }

  /** @type {Take["start"]} */
  start(out, at, told = {}) {
    this.#run(out, at, told).catch(() => { if (!this.#isOver) told.late?.(); });
  }

  /**
   * Schedules the first piece before it returns, and the others in time.
   * @param {AudioNode} out @param {number} at @param {{ended?: () => void, late?: () => void}} told
   */
  async #run(out, at, { ended, late }) {
    const { rate } = this.#sound;
    let frame = Math.round(at * rate);
    for (let buffer = /** @type {AudioBuffer} */ (this.#first); ; buffer = await this.#piece()) {
      if (this.#isOver) return;
      if (buffer !== this.#first && frame / rate < out.context.currentTime) return late?.();
      const source = new AudioBufferSourceNode(out.context, { buffer });
      source.connect(out);
      source.start(frame / rate);
      frame += buffer.length;
      this.#scheduled.add(source);
      const isLast = this.#next === this.#end && !this.#loop;
      source.addEventListener("ended", () => {
        this.#scheduled.delete(source);
        source.disconnect();
        if (isLast && !this.#isOver) ended?.();
        this.#goOn();
      });
      if (isLast) return;
      if (this.#next === this.#end) this.#next = this.#from;
      while (this.#scheduled.size > 1 && !this.#isOver) await new Promise((resolve) => { this.#goOn = () => resolve(null); });
    }
  }

  /** @param {number} [at] */
  stop(at) {
    this.#isOver = true;
    for (const source of this.#scheduled) source.stop(at);
    this.#goOn();
  }
}
