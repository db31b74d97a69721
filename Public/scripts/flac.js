// Random access to a FLAC file (RFC 9639): any range of its frames can be extracted as a small file of its own, without
// reading what precedes it. It understands only what `earshot` writes: a fixed block size, and no metadata but
// STREAMINFO.

const marker = 0x664c6143; // "fLaC"
const headSize = 42;
/**
 * The longest frame header, in bytes: 4, a frame number of up to 7, block size and sample rate of 2 each, a checksum.
 */
const longestHeader = 16;
/** How much is searched at a time, in bytes. */
const leastLook = 65536;

/**
 * @typedef {object} Bytes a source that is read in parts
 * @property {number} size
 * @property {(offset: number, length: number) => Promise<Uint8Array>} read
 */

const crc8Table = Uint8Array.from({ length: 256 }, (_, byte) => remainder(byte, 8, 0x07));
const crc16Table = Uint16Array.from({ length: 256 }, (_, byte) => remainder(byte, 16, 0x8005));

/** @param {number} byte @param {number} width @param {number} polynomial */
function remainder(byte, width, polynomial) {
  const [top, mask] = [1 << (width - 1), 2 ** width - 1];
  let rest = byte << (width - 8);
  for (let i = 0; i < 8; i += 1) rest = (rest & top ? (rest << 1) ^ polynomial : rest << 1) & mask;
  return rest;
}

/** @param {Uint8Array} bytes @param {number} from @param {number} to */
function crc8(bytes, from, to) {
  let rest = 0;
  for (let i = from; i < to; i += 1) rest = crc8Table[rest ^ bytes[i]];
  return rest;
}

/** @param {Uint8Array} bytes @param {number} from @param {number} to */
function crc16(bytes, from, to) {
  let rest = 0;
  for (let i = from; i < to; i += 1) rest = ((rest << 8) & 0xffff) ^ crc16Table[(rest >> 8) ^ bytes[i]];
  return rest;
}

/**
 * The header of a frame, if one begins here.
 * @param {Uint8Array} bytes @param {number} at
 * @returns {{number: number, digits: number, length: number} | null} the frame's number, the length of its coded number, and that of the header, in bytes
 */
function frameHead(bytes, at) {
  if (bytes[at] !== 0xff || bytes[at + 1] !== 0xf8 || at + longestHeader > bytes.length) return null;
  const [size, rate] = [bytes[at + 2] >> 4, bytes[at + 2] & 15];
  if (size === 0 || rate === 15 || bytes[at + 3] >> 4 > 10 || bytes[at + 3] & 1) return null;
  const first = bytes[at + 4];
  const digits = first < 0x80 ? 1 : Math.clz32(~(first << 24));
  if (digits > 6 || (first >= 0x80 && digits < 2)) return null;
  let number = digits === 1 ? first : first & ((1 << (7 - digits)) - 1);
  for (let i = 1; i < digits; i += 1) {
    if (bytes[at + 4 + i] >> 6 !== 2) return null;
    number = number * 64 + (bytes[at + 4 + i] & 63);
  }
  const extra = (size === 6 ? 1 : size === 7 ? 2 : 0) + (rate === 12 ? 1 : rate === 13 || rate === 14 ? 2 : 0);
  const length = 4 + digits + extra + 1;
  return crc8(bytes, at, at + length - 1) === bytes[at + length - 1] ? { number, digits, length } : null;
}

/**
 * The coded form of a number in a frame header.
 * @param {number} number @returns {number[]}
 */
function coded(number) {
  if (number < 0x80) return [number];
  for (let digits = 2; ; digits += 1) {
    if (number >= 2 ** (5 * digits + 1)) continue;
    const bytes = [];
    let rest = number;
    for (let i = 1; i < digits; i += 1, rest = Math.floor(rest / 64)) bytes.unshift(0x80 | (rest % 64));
    return [(0xff00 >> digits) & 0xff | rest, ...bytes];
  }
}

export class Flac {
  #bytes;
  #head;
  /**
   * The known offsets of frames, by frame number.
   * @type {Map<number, number>}
   */
  #places = new Map();
  #look;

  /**
   * @param {Bytes} bytes
   * @returns {Promise<Flac | null>} null if it is not such a file
   */
  static async open(bytes) {
    if (bytes.size <= headSize) return null;
    const head = await bytes.read(0, headSize);
    const view = new DataView(head.buffer, head.byteOffset, headSize);
    const isBare = view.getUint32(0) === marker && view.getUint32(4) === 0x80000022;
    const flac = isBare ? new Flac(bytes, head, view) : null;
    return flac && flac.length > 0 && flac.blockSize >= 16 && view.getUint16(8) === view.getUint16(10) ? flac : null;
  }

  /** @param {Bytes} bytes @param {Uint8Array} head @param {DataView} view */
  constructor(bytes, head, view) {
    this.#bytes = bytes;
    this.#head = head;
    /** The number of samples in every frame except the last. */
    this.blockSize = view.getUint16(8);
    /** In hertz. */
    this.rate = view.getUint32(18) >>> 12;
    this.channels = ((head[20] >> 1) & 7) + 1;
    /** In samples per channel. */
    this.length = (head[21] & 15) * 2 ** 32 + view.getUint32(22);
    this.#places.set(0, headSize);
    this.#look = Math.max(leastLook, 4 * (view.getUint32(15) >>> 8));
  }

  get frames() {
    return Math.ceil(this.length / this.blockSize);
  }

  /**
   * Some frames as a file of their own, numbered from 0.
   * @param {number} from @param {number} to the frame after the last
   * @returns {Promise<ArrayBuffer>}
   * @throws {Error} if the file is broken
   */
  async cut(from, to) {
    const [start, end] = [await this.#place(from), to < this.frames ? await this.#place(to) : this.#bytes.size];
    const body = await this.#bytes.read(start, end - start);
    const parts = [this.#headOf(Math.min(this.length, to * this.blockSize) - from * this.blockSize)];
    let at = 0;
    for (let number = from; number < to; number += 1) {
      const head = frameHead(body, at);
      const next = number + 1 < to ? this.#next(body, at, number + 1) : body.length;
      if (head?.number !== number) throw new Error(`frame ${number} is not where it should be`);
      parts.push(renumbered(body.subarray(at, next), head, number - from));
      at = next;
    }
    const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let filled = 0;
    for (const part of parts) {
      file.set(part, filled);
      filled += part.length;
    }
    return file.buffer;
  }

  /**
   * Where the next frame begins: after a valid checksum.
   * @param {Uint8Array} body @param {number} at @param {number} number
   */
  #next(body, at, number) {
    for (let i = at + 2; i < body.length; i += 1) {
      if (body[i] !== 0xff || frameHead(body, i)?.number !== number) continue;
      if (crc16(body, at, i - 2) === (body[i - 2] << 8 | body[i - 1])) return i;
    }
    throw new Error(`frame ${number} is missing`);
  }

  /**
   * STREAMINFO for a part: with this number of samples, and without frame sizes and the checksum of the audio.
   * @param {number} samples
   */
  #headOf(samples) {
    const head = this.#head.slice();
    head.fill(0, 12, 18);
    head[21] = (head[21] & 0xf0) | Math.floor(samples / 2 ** 32);
    new DataView(head.buffer).setUint32(22, samples);
    head.fill(0, 26);
    return head;
  }

  /**
   * Where a frame begins: estimated from the known frames, then searched for there.
   * @param {number} number
   */
  async #place(number) {
    for (let guesses = 0; ; guesses += 1) {
      const known = this.#places.get(number);
      if (known !== undefined) return known;
      let [below, above] = [0, this.frames];
      for (const one of this.#places.keys()) {
        if (one < number && one > below) below = one;
        if (one > number && one < above) above = one;
      }
      const low = this.#places.get(below) ?? headSize;
      const high = this.#places.get(above) ?? this.#bytes.size;
      const guess = low + (high - low) * (number - below) / (above - below) - this.#look / 2;
      // If estimates fail, search forward from the last known frame.
      const at = guesses > 12 || number - below < 8 ? low : Math.max(low, Math.floor(guess));
      if (!(await this.#lookThrough(at, below, above)) && at === low) throw new Error(`frame ${number} is not found`);
    }
  }

  /**
   * Records the frames that begin in a range of the file.
   * @param {number} at @param {number} below @param {number} above the range of their numbers
   * @returns {Promise<boolean>} whether it found any new one
   */
  async #lookThrough(at, below, above) {
    const bytes = await this.#bytes.read(at, Math.min(this.#look, this.#bytes.size - at));
    /** @type {Map<number, number>} */
    const found = new Map();
    for (let i = 0; i < bytes.length; i += 1) {
      if (bytes[i] !== 0xff) continue;
      const head = frameHead(bytes, i);
      if (head && head.number >= below && head.number < above && !found.has(head.number)) found.set(head.number, at + i);
    }
    let isNew = false;
    for (const [number, place] of found) {
      // Audio data may look like a header by chance, but is not likely to be followed by the next one.
      const [before, behind] = [found.get(number - 1), found.get(number + 1)];
      const isLikely = (before !== undefined && before < place) || (behind !== undefined && behind > place);
      if (!isLikely || this.#places.has(number)) continue;
      this.#places.set(number, place);
      isNew = true;
    }
    return isNew;
  }
}

/** @param {Uint8Array} frame @param {{digits: number, length: number}} head @param {number} number */
function renumbered(frame, head, number) {
  const digits = coded(number);
  const result = new Uint8Array(frame.length - head.digits + digits.length);
  result.set(frame.subarray(0, 4));
  result.set(digits, 4);
  result.set(frame.subarray(4 + head.digits), 4 + digits.length);
  const end = head.length - head.digits + digits.length - 1;
  result[end] = crc8(result, 0, end);
  const sum = crc16(result, 0, result.length - 2);
  result[result.length - 2] = sum >> 8;
  result[result.length - 1] = sum & 0xff;
  return result;
}
