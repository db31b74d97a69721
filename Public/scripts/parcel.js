import { within } from "./api.js";
import { chacha20 } from "./chacha20.js";

// The sounds of a page come in one body, of one size for all pages, whose bytes tell nothing (docs/stimuli.md):
// a key, and under it a table of offsets and the sounds. `PARCEL#2` is the third sound in a parcel.

const keySize = 32;
const nonce = new Uint8Array(12);
/** For so long a line may be silent. */
const patienceMs = 30000;

export class Parcel {
  #address;
  /** @type {Promise<Uint8Array> | null} */
  #whole = null;
  // What has come of it: a line that breaks off is taken up where it broke.
  /** @type {Uint8Array[]} */
  #parts = [];
  #got = 0;
  /** @type {string | null} */
  #tag = null;

  /** @param {string} address */
  constructor(address) {
    this.#address = address;
  }

  /**
   * Fetches the parcel, once; what failed goes on when a sound is asked for again.
   * @param {number} place of the sound
   * @returns {Promise<ArrayBuffer>} its file
   * @throws {Error} where it cannot be had, or is not there
   */
  async sound(place) {
    this.#whole ??= this.#fetch().catch((problem) => { this.#whole = null; throw problem; });
    const body = await this.#whole;
    const count = numbers(body, keySize, 1)[0];
    if (!(place < count)) throw new Error("no such sound");
    const [offset, length] = numbers(body, keySize + 4 + 8 * place, 2);
    return plain(body, offset, length).buffer;
  }

  async #fetch() {
    for (;;) {
      const before = this.#got;
      try {
        await this.#take();
        break;
      } catch (problem) {
        if (this.#got <= before) throw problem;
      }
    }
    const body = new Uint8Array(this.#got);
    let at = 0;
    for (const part of this.#parts) {
      body.set(part, at);
      at += part.length;
    }
    this.#forget();
    return body;
  }

  #forget() {
    this.#parts = [];
    this.#got = 0;
  }

  /** Asks for what is missing, and takes what comes. */
  async #take() {
    /** @type {Record<string, string>} */
    const headers = this.#got > 0 && this.#tag ? { Range: `bytes=${this.#got}-`, "If-Range": this.#tag } : {};
    const response = await within(patienceMs, (signal) => fetch(this.#address, { headers, signal }));
    if (response.status === 416) this.#forget(); // Another content by now.
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    if (response.status !== 206) this.#forget();
    this.#tag = response.headers.get("ETag");
    const size = Number(response.headers.get("Content-Range")?.split("/")[1] ?? response.headers.get("Content-Length") ?? 0);
    if (response.body) {
      const reader = response.body.getReader();
      try {
        for (;;) {
          const { done, value } = await within(patienceMs, () => reader.read());
          if (done) break;
          this.#parts.push(value);
          this.#got += value.length;
        }
      } catch (problem) {
        reader.cancel().catch(() => {});
        throw problem;
      }
    } else {
      const value = new Uint8Array(await within(patienceMs, () => response.arrayBuffer()));
      this.#parts.push(value);
      this.#got += value.length;
    }
    if (this.#got < size) throw new Error("the line broke off");
  }
}

/** @param {Uint8Array} body @param {number} offset @param {number} length */
function plain(body, offset, length) {
  if (!(offset >= keySize && offset + length <= body.length)) throw new Error("the parcel is not whole");
  return chacha20(body.subarray(0, keySize), nonce, body.subarray(offset, offset + length), offset - keySize);
}

/** @param {Uint8Array} body @param {number} offset @param {number} count */
function numbers(body, offset, count) {
  const view = new DataView(plain(body, offset, 4 * count).buffer);
  return Array.from({ length: count }, (_, i) => view.getUint32(4 * i));
}
