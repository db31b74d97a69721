import { within } from "./api.js";
import { chacha20 } from "./chacha20.js";
import { DiskFile } from "./disk.js";

// The sounds of a page arrive in a single body, of the same size for all pages, whose bytes reveal nothing
// (docs/stimuli.md): a key, and encrypted with it a table of offsets and the sounds. `PARCEL#2` is the third sound in a
// parcel.

const keySize = 32;
const nonce = new Uint8Array(12);
/** In milliseconds: how long a connection may be silent. */
const patienceMs = 30000;
/**
 * In bytes: how much is held in memory during a download. Beyond that, it is gathered into blobs, which the browser may
 * keep on disk.
 */
const mostLoose = 4e6;
/** In bytes. A larger parcel is stored on disk. */
const mostInMemory = 32e6;

export class Parcel {
  #address;
  /** @type {Promise<Blob> | null} */
  #whole = null;
  #isWhole = false;
  #isDropped = false;
  // What has arrived so far. An interrupted download is resumed where it stopped.
  /** @type {Blob[]} */
  #gathered = [];
  /** @type {DiskFile | null} */
  #file = null;
  #mayUseDisk = true;
  /** @type {Uint8Array[]} */
  #loose = [];
  #got = 0;
  /** @type {string | null} */
  #tag = null;
  /** In bytes. 0 until the server has told it. */
  size = 0;

  /** @param {string} address */
  constructor(address) {
    this.#address = address;
  }

  /** How much of it has arrived, in bytes. */
  get got() {
    return this.#isWhole ? this.size : this.#got;
  }

  /**
   * Downloads all of it, only once. After a failure, the next call resumes the download.
   * @throws {Error} if it is not available
   */
  fetch() {
    this.#whole ??= this.#fetch().catch((problem) => { this.#whole = null; throw problem; });
    return this.#whole;
  }

  /**
   * @param {number} place the index of the sound
   * @returns {Promise<import("./flac.js").Bytes>} its file
   * @throws {Error} if it is not available, or there is no such sound
   */
  async sound(place) {
    const body = await this.fetch();
    const key = await bytes(body, 0, keySize);
    const [count] = await numbers(body, key, keySize, 1);
    if (!(place < count)) throw new Error("no such sound");
    const [offset, size] = await numbers(body, key, keySize + 4 + 8 * place, 2);
    if (!(offset >= keySize && offset + size <= body.size)) throw new Error("the parcel is not whole");
    return { size, read: (at, length) => plain(body, key, offset + at, Math.min(length, size - at)) };
  }

  async #fetch() {
    for (;;) {
      const [before, mayUseDisk] = [this.#got, this.#mayUseDisk];
      try {
        await this.#take();
        break;
      } catch (problem) {
        if (this.#isDropped || (this.#got <= before && this.#mayUseDisk === mayUseDisk)) throw problem;
      }
    }
    await this.#gather();
    const body = this.#file ? await this.#file.whole() : new Blob(this.#gathered);
    this.#gathered = [];
    this.#isWhole = true;
    this.size = body.size;
    return body;
  }

  /** @param {Uint8Array} part */
  async #add(part) {
    this.#loose.push(part);
    this.#got += part.length;
    if (this.#loose.reduce((sum, one) => sum + one.length, 0) >= mostLoose) await this.#gather();
  }

  async #gather() {
    const parts = this.#loose;
    this.#loose = [];
    if (!this.#file) {
      this.#gathered.push(new Blob(parts));
      return;
    }
    try {
      await this.#file.add(parts);
    } catch (problem) {
      this.#mayUseDisk = false; // The disk is full: start again, in memory.
      this.#forget();
      throw problem;
    }
  }

  /** Discards it for good, including what is on disk. */
  drop() {
    this.#isDropped = true;
    this.#forget();
  }

  #forget() {
    this.#file?.remove();
    this.#file = null;
    this.#gathered = [];
    this.#loose = [];
    this.#got = 0;
  }

  /** Requests the missing part and reads it. */
  async #take() {
    /** @type {Record<string, string>} */
    const headers = this.#got > 0 && this.#tag ? { Range: `bytes=${this.#got}-`, "If-Range": this.#tag } : {};
    const response = await within(patienceMs, (signal) => fetch(this.#address, { headers, signal }));
    if (response.status === 416) this.#forget(); // The content has changed.
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    if (response.status !== 206) this.#forget();
    this.#tag = response.headers.get("ETag");
    const size = Number(response.headers.get("Content-Range")?.split("/")[1] ?? response.headers.get("Content-Length") ?? 0);
    this.size = size;
    if (size > mostInMemory && this.#got === 0 && this.#mayUseDisk) this.#file = await DiskFile.make(size);
    if (response.body) {
      const reader = response.body.getReader();
      try {
        for (;;) {
          const { done, value } = await within(patienceMs, () => reader.read());
          if (done) break;
          if (this.#isDropped) throw new Error("nobody wants it any more");
          await this.#add(value);
        }
      } catch (problem) {
        reader.cancel().catch(() => {});
        throw problem;
      }
    } else {
      await this.#add(new Uint8Array(await within(patienceMs, () => response.arrayBuffer())));
    }
    if (this.#got < size) throw new Error("the line broke off");
  }
}

/** @param {Blob} body @param {number} offset @param {number} length */
async function bytes(body, offset, length) {
  const part = new Uint8Array(await body.slice(offset, offset + length).arrayBuffer());
  if (part.length < length) throw new Error("the parcel is not whole");
  return part;
}

/** @param {Blob} body @param {Uint8Array} key @param {number} offset @param {number} length */
async function plain(body, key, offset, length) {
  return chacha20(key, nonce, await bytes(body, offset, length), offset - keySize);
}

/** @param {Blob} body @param {Uint8Array} key @param {number} offset @param {number} count */
async function numbers(body, key, offset, count) {
  const view = new DataView((await plain(body, key, offset, 4 * count)).buffer);
  return Array.from({ length: count }, (_, i) => view.getUint32(4 * i));
}
