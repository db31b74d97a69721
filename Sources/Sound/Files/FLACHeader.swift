/// How many frames the header of a FLAC file counts. libsndfile stops there, whatever follows; the count is therefore taken
/// out of what it reads, so that all that is there is decoded and held against the count.
struct FLACHeader {
  let frames: Int

  /// nil where the file is no FLAC file, or its header does not count.
  init?(_ bytes: SoundBytes) {
    // A tag may stand before it: ten bytes of head, and a size in which each byte has seven bits.
    let isTagged = bytes.starts(with: "ID3")
    let start = isTagged ? (6..<10).reduce(0) { $0 << 7 | Int(bytes[$1] & 0x7f) } + 10 : 0
    guard bytes.starts(with: "fLaC", at: start) else { return nil }
    // The first block is STREAMINFO, whose bytes 13 to 17 end in 36 bits of count.
    let place = start + 8 + 13
    let top = bytes[place]
    frames = Int(top & 0x0f) << 32 | bytes.number(place + 1, bytes: 4, isBig: true)
    guard frames > 0 else { return nil }
    bytes.correct(place, to: [top & 0xf0, 0, 0, 0, 0])
  }
}
