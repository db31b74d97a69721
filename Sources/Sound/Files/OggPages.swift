/// The pages of an Ogg file (Vorbis, Opus; RFC 3533). libsndfile skips missing or damaged pages and takes the last one
/// that it finds for the end.
///
/// A file is complete if every page has the right checksum, the pages of a stream are numbered without gaps, and the
/// last page of the first stream is marked as such. What follows that page is ignored.
enum OggPages {
  static func damage(in bytes: SoundBytes) -> Damage? {
    // Without a complete first page, it cannot be an Ogg file that was cut.
    guard bytes.starts(with: "OggS"), Page(bytes, at: 0) != nil else { return nil }
    let first = bytes.number(14, bytes: 4, isBig: false)
    let rate = rate(of: bytes, at: 27 + Int(bytes[26]))
    /// The position of the last intact page of the stream, in samples.
    var reached = 0
    var number = 0
    var position = 0
    func seconds(_ samples: Int) -> Double? { rate.map { Double(samples) / $0 } }
    while position < bytes.count {
      guard let page = Page(bytes, at: position) else {
        // This page is either cut or not a page; what follows shows which.
        let last = lastPosition(after: position, in: bytes, of: first)
        return Damage(kind: last == nil ? .cut : .broken, held: seconds(reached), promised: last.flatMap(seconds))
      }
      if page.stream == first {
        guard page.number == number else {
          return Damage(
            kind: .broken, held: seconds(reached),
            promised: seconds(max(page.position ?? 0, lastPosition(after: position, in: bytes, of: first) ?? 0)))
        }
        number += 1
        if let place = page.position { reached = place }
        if page.isLast { return nil }
      }
      position += page.size
    }
    return Damage(kind: .cut, held: seconds(reached), promised: nil)
  }

  private struct Page {
    var stream, number, size: Int
    /// The position in samples from the start. Nil if no packet ends on the page.
    var position: Int?
    var isLast: Bool

    /// Nil unless a complete page with the right checksum begins here.
    init?(_ bytes: SoundBytes, at start: Int) {
      guard bytes.starts(with: "OggS", at: start), start + 27 <= bytes.count else { return nil }
      let segments = Int(bytes[start + 26])
      size = (0..<segments).reduce(27 + segments) { $0 + Int(bytes[start + 27 + $1]) }
      guard start + size <= bytes.count else { return nil }
      var sum: UInt32 = 0
      for i in 0..<size {
        // The checksum is computed with its own bytes set to 0.
        let byte = (22..<26).contains(i) ? 0 : bytes[start + i]
        sum = sum << 8 ^ OggPages.table[Int(UInt8(truncatingIfNeeded: sum >> 24) ^ byte)]
      }
      guard Int(sum) == bytes.number(start + 22, bytes: 4, isBig: false) else { return nil }
      isLast = bytes[start + 5] & 4 != 0
      let granule = bytes.number(start + 6, bytes: 8, isBig: false)
      position = granule == .max ? nil : granule
      stream = bytes.number(start + 14, bytes: 4, isBig: false)
      number = bytes.number(start + 18, bytes: 4, isBig: false)
    }
  }

  /// The position of the last intact page of a stream after `start`, in samples.
  private static func lastPosition(after start: Int, in bytes: SoundBytes, of stream: Int) -> Int? {
    var last: Int?
    var position = start + 1
    while position + 27 <= bytes.count {
      if bytes[position] == 0x4f, let page = Page(bytes, at: position) {
        if page.stream == stream, let place = page.position { last = place }
        position += page.size
      } else {
        position += 1
      }
    }
    return last
  }

  /// The sample rate in hertz in which positions are counted, from the first packet.
  private static func rate(of bytes: SoundBytes, at packet: Int) -> Double? {
    let rate: Int
    if bytes.starts(with: "OpusHead", at: packet) {
      rate = 48000
    } else if bytes.starts(with: "\u{1}vorbis", at: packet) {
      rate = bytes.number(packet + 12, bytes: 4, isBig: false)
    } else {
      return nil
    }
    return rate > 0 ? Double(rate) : nil
  }

  /// CRC-32 with the polynomial 0x04c11db7, not reflected.
  private static let table: [UInt32] = (0..<256).map { i in
    (0..<8).reduce(UInt32(i) << 24) { sum, _ in sum & 0x8000_0000 != 0 ? sum << 1 ^ 0x04c1_1db7 : sum << 1 }
  }
}
