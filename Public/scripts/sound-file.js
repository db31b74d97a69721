/**
 * The sample rate in the header of a FLAC or WAV file. The page plays at exactly this rate: a resampled loop would not
 * be a whole number of frames long, and its seam would be audible.
 * @param {ArrayBuffer} bytes
 * @returns {number | null} in hertz; null for other formats
 */
export function sampleRate(bytes) {
  const view = new DataView(bytes);
  if (bytes.byteLength < 28) return null;
  const name = view.getUint32(0);
  if (name === 0x664c6143) return view.getUint32(18) >>> 12; // "fLaC"; 20 bits in STREAMINFO
  if (name !== 0x52494646) return null; // "RIFF"
  for (let at = 12; at + 16 <= bytes.byteLength; at += 8 + view.getUint32(at + 4, true)) {
    if (view.getUint32(at) === 0x666d7420) return view.getUint32(at + 12, true); // "fmt "
  }
  return null;
}

/**
 * @param {ArrayBuffer} bytes the beginning of a file
 * @returns {number} the size of a FLAC file when decoded, in bytes; 0 for other formats
 */
export function decodedSize(bytes) {
  const view = new DataView(bytes);
  if (bytes.byteLength < 26 || view.getUint32(0) !== 0x664c6143) return 0;
  const channels = ((view.getUint8(20) >> 1) & 7) + 1;
  return 4 * channels * ((view.getUint8(21) & 15) * 2 ** 32 + view.getUint32(22));
}
