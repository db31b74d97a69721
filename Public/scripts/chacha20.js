// ChaCha20 as RFC 8439 has it (section 2.4). The browser's own cryptography is missing where a page came over plain HTTP,
// and does not know this cipher.

const blockSize = 64;
/** "expand 32-byte k" */
const constants = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];

/**
 * Enciphers or deciphers: both are the same.
 * @param {Uint8Array} key 32 bytes
 * @param {Uint8Array} nonce 12 bytes
 * @param {Uint8Array} bytes they stay as they are
 * @param {number} [offset] where `bytes` begin in the whole, so that a part can be had on its own
 * @returns {Uint8Array}
 */
export function chacha20(key, nonce, bytes, offset = 0) {
  const result = new Uint8Array(bytes.length);
  const state = new Uint32Array([...constants, ...words(key), 0, ...words(nonce)]);
  const x = new Uint32Array(blockSize / 4);
  const stream = new Uint8Array(blockSize);
  const view = new DataView(stream.buffer);
  let within = offset % blockSize;
  state[12] = Math.floor(offset / blockSize);
  for (let at = 0; at < bytes.length; within = 0) {
    block(state, x, view);
    state[12] += 1;
    const end = Math.min(bytes.length, at + blockSize - within);
    for (let i = within; at < end; i += 1, at += 1) result[at] = bytes[at] ^ stream[i];
  }
  return result;
}

/** @param {Uint8Array} bytes */
function words(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getUint32(4 * i, true));
}

/**
 * One block of the key stream, for the state's counter.
 * @param {Uint32Array} state @param {Uint32Array} x room to reckon in @param {DataView} view
 */
function block(state, x, view) {
  x.set(state);
  for (let round = 0; round < 10; round += 1) {
    quarter(x, 0, 4, 8, 12);
    quarter(x, 1, 5, 9, 13);
    quarter(x, 2, 6, 10, 14);
    quarter(x, 3, 7, 11, 15);
    quarter(x, 0, 5, 10, 15);
    quarter(x, 1, 6, 11, 12);
    quarter(x, 2, 7, 8, 13);
    quarter(x, 3, 4, 9, 14);
  }
  for (let i = 0; i < 16; i += 1) view.setUint32(4 * i, x[i] + state[i], true);
}

/** @param {Uint32Array} x @param {number} a @param {number} b @param {number} c @param {number} d */
function quarter(x, a, b, c, d) {
  x[a] += x[b]; x[d] = turned(x[d] ^ x[a], 16);
  x[c] += x[d]; x[b] = turned(x[b] ^ x[c], 12);
  x[a] += x[b]; x[d] = turned(x[d] ^ x[a], 8);
  x[c] += x[d]; x[b] = turned(x[b] ^ x[c], 7);
}

/** @param {number} word @param {number} bits */
const turned = (word, bits) => (word << bits) | (word >>> (32 - bits));
