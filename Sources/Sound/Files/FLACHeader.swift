/// The number of frames according to the header of a FLAC file. libsndfile stops there, whatever follows. The count is
/// therefore removed from what libsndfile reads, so that everything is decoded and then compared with the count.
struct FLACHeader {
  let frames: Int

  /// Nil if the file is not FLAC, or its header contains no count.
  init?(_ bytes: SoundBytes) {
    // A tag may come first: a head of ten bytes, and a size of four bytes with seven bits each.
    let isTagged = bytes.starts(with: "ID3")
    let start = isTagged ? (6..<10).reduce(0) { $0 << 7 | Int(bytes[$1] & 0x7f) } + 10 : 0
    guard bytes.starts(with: "fLaC", at: start) else { return nil }
    // The first block is STREAMINFO. Its bytes 13 to 17 end in the 36 bits of the count.
    let place = start + 8 + 13
    let top = bytes[place]
    frames = Int(top & 0x0f) << 32 | bytes.number(place + 1, bytes: 4, isBig: true)
    guard frames > 0 else { return nil }
    bytes.correct(place, to: [top & 0xf0, 0, 0, 0, 0])
  }
}
