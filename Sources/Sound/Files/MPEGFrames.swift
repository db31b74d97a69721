/// The frames of an MPEG audio file (MP3 and the older layers; ISO/IEC 11172-3 and 13818-3). The decoder skips whatever
/// it cannot decode, and libsndfile's number of frames is an estimate.
///
/// A file is complete if each frame's header is where the previous frame ends, the last frame is complete, and there
/// are as many frames as an encoder's header counts (Xing, Info or VBRI; some encoders count the header's own frame as
/// well, so one frame may be missing, except in files by LAME and FFmpeg). Tags before and after the frames, less than
/// 4 KiB of zeros at the end, and other bytes after the last frame are not damage. What cannot be detected: bits that
/// changed within a frame, and a file without such a header that was cut between two frames.
///
/// If no encoder counted the frames and they differ in size (variable bit rate), libsndfile stops at its estimate, so
/// the length of what it decoded is compared with the frames that are there.
enum MPEGFrames {
  /// The damage of a file or, if it is complete, the least number of samples that a decoder must get out of it, without
  /// what the encoder says it added before and after the sound.
  static func check(_ bytes: SoundBytes) -> (damage: Damage?, fewest: Int) {
    var fewest = 0
    let damage = damage(in: bytes, &fewest)
    return (damage, fewest)
  }

  private static func damage(in bytes: SoundBytes, _ fewest: inout Int) -> Damage? {
    let start = afterTags(bytes, from: 0)
    // FLAC files may begin with the same tag.
    guard !bytes.starts(with: "fLaC", at: start), let first = firstFrame(bytes, from: start) else { return nil }
    let counted = count(bytes, first.position, first.header)
    let promised = counted?.frames
    let own = counted == nil ? 0 : 1
    var frames = 0
    var position = first.position
    func seconds(_ frames: Int) -> Double {
      Double(max(0, frames) * first.header.samples) / Double(first.header.rate)
    }
    func damage(_ kind: Damage.Kind) -> Damage? {
      // Everything that the header counts is there; the rest is not sound.
      if let promised, frames - own >= promised { return nil }
      let whole = kind == .cut ? promised : promised ?? frames + framesAfter(position, in: bytes, like: first.header)
      return Damage(kind: kind, held: seconds(frames - own), promised: whole.map(seconds))
    }
    while position < bytes.count {
      if let header = Header(bytes, at: position), header.isLike(first.header) {
        guard position + header.size <= bytes.count else { return damage(.cut) }
        position += header.size
        frames += 1
        continue
      }
      let next = afterTags(bytes, from: position)
      if next > position {
        position = next
      } else if framesAfter(position, in: bytes, like: first.header) > 0 {
        return damage(.broken)
      } else if promised == nil, bytes.count - position >= 4096,
        (position..<bytes.count).allSatisfy({ bytes[$0] == 0 })
      {
        // Space reserved for the rest of an unfinished copy.
        return damage(.cut)
      } else {
        break
      }
    }
    // Such a header also says how much to drop, at most 4,095 samples at each end.
    fewest = max(0, (frames - own) * first.header.samples - (counted == nil ? 2 * first.header.samples : 8190))
    guard let counted, frames - own < counted.frames - (counted.isExact ? 0 : 1) else { return nil }
    return damage(.cut)
  }

  private struct Header {
    /// As coded in the bits: version 0 for MPEG 2.5, 2 for MPEG 2, 3 for MPEG 1; layer 1 to 3 for the layers III to I.
    var version, layer: Int
    var rate, size, samples: Int
    var isMono, isProtected: Bool

    /// Nil if there is no header, or one with a free bit rate, which does not give the frame's size.
    init?(_ bytes: SoundBytes, at position: Int) {
      guard bytes[position] == 0xff, bytes[position + 1] & 0xe0 == 0xe0, position + 4 <= bytes.count else { return nil }
      let (b, c) = (Int(bytes[position + 1]), Int(bytes[position + 2]))
      (version, layer) = (b >> 3 & 3, b >> 1 & 3)
      let (rateIndex, bitIndex) = (c >> 2 & 3, c >> 4)
      guard version != 1, layer != 0, rateIndex != 3, bitIndex != 0, bitIndex != 15 else { return nil }
      rate = [44100, 48000, 32000][rateIndex] / (version == 3 ? 1 : version == 2 ? 2 : 4)
      let table = version == 3 ? MPEGFrames.rates1[layer - 1] : MPEGFrames.rates2[layer == 3 ? 1 : 0]
      let bits = table[bitIndex - 1] * 1000, padding = c >> 1 & 1
      samples = layer == 3 ? 384 : layer == 2 || version == 3 ? 1152 : 576
      size = layer == 3 ? (12 * bits / rate + padding) * 4 : samples / 8 * bits / rate + padding
      isMono = bytes[position + 3] >> 6 == 3
      isProtected = b & 1 == 0
    }

    func isLike(_ other: Header) -> Bool {
      (version, layer, rate) == (other.version, other.layer, other.rate)
    }
  }

  /// Bit rates in kbit/s for MPEG 1, by layer from III to I.
  private static let rates1 = [
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  ]
  /// Bit rates in kbit/s for MPEG 2 and 2.5: layers II and III, then I.
  private static let rates2 = [
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  ]

  /// The position after any tags that begin at `start`: ID3 of both versions, APE and Lyrics3.
  private static func afterTags(_ bytes: SoundBytes, from start: Int) -> Int {
    var position = start
    while position < bytes.count {
      if bytes.starts(with: "ID3", at: position) {
        let size = (6..<10).reduce(0) { $0 << 7 | Int(bytes[position + $1] & 0x7f) }
        position += 10 + size + (bytes[position + 5] & 0x10 != 0 ? 10 : 0)
      } else if bytes.starts(with: "TAG", at: position) {
        position += bytes.starts(with: "TAG+", at: position) ? 227 : 128
      } else if bytes.starts(with: "APETAGEX", at: position) {
        position += 32 + bytes.number(position + 12, bytes: 4, isBig: false)
      } else if bytes.starts(with: "LYRICSBEGIN", at: position) {
        // Its size is stored at its end, before the last tag.
        return bytes.count
      } else {
        break
      }
    }
    return min(position, bytes.count)
  }

  /// The first header, within 64 KiB, that is followed by another one.
  private static func firstFrame(_ bytes: SoundBytes, from start: Int) -> (position: Int, header: Header)? {
    for position in start..<min(bytes.count, start + (1 << 16)) {
      guard bytes[position] == 0xff, let header = Header(bytes, at: position) else {
        // Some writers pad before the first frame. Anything else at the start means that this is another kind of file.
        if position == start, bytes[position] != 0, start == 0 { return nil }
        continue
      }
      let next = position + header.size
      if next >= bytes.count || Header(bytes, at: next).map({ $0.isLike(header) }) == true { return (position, header) }
    }
    return nil
  }

  /// The number of frames according to the encoder's header in the first frame, and whether the encoder is known not to
  /// count that frame.
  private static func count(_ bytes: SoundBytes, _ position: Int, _ header: Header) -> (frames: Int, isExact: Bool)? {
    guard header.layer == 1 else { return nil }
    let side = header.version == 3 ? (header.isMono ? 17 : 32) : (header.isMono ? 9 : 17)
    let place = position + 4 + (header.isProtected ? 2 : 0) + side
    if bytes.starts(with: "Xing", at: place) || bytes.starts(with: "Info", at: place) {
      // Which fields are there: frames, bytes, a table of 100 entries, a quality; then the encoder's name.
      let flags = bytes[place + 7]
      guard flags & 1 != 0 else { return nil }
      let name = place + 12 + (flags & 2 != 0 ? 4 : 0) + (flags & 4 != 0 ? 100 : 0) + (flags & 8 != 0 ? 4 : 0)
      let isExact = ["LAME", "Lavc", "Lavf"].contains { bytes.starts(with: $0, at: name) }
      return (bytes.number(place + 8, bytes: 4, isBig: true), isExact)
    }
    let fraunhofer = position + 36
    guard bytes.starts(with: "VBRI", at: fraunhofer) else { return nil }
    return (bytes.number(fraunhofer + 14, bytes: 4, isBig: true), false)
  }

  /// How many frames follow a position without one, starting from the first that is followed by another.
  private static func framesAfter(_ start: Int, in bytes: SoundBytes, like first: Header) -> Int {
    var count = 0
    var position = start + 1
    while position < bytes.count {
      if bytes[position] == 0xff, let header = Header(bytes, at: position), header.isLike(first),
        count > 0 || Header(bytes, at: position + header.size).map({ $0.isLike(first) }) == true
      {
        count += 1
        position += header.size
      } else {
        position += 1
      }
    }
    return count
  }
}
