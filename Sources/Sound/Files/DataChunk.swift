/// The part of a file that contains the samples, in formats whose header counts them in bytes: WAV (RIFF, RIFX, RF64),
/// AIFF, 8SVX, W64, CAF and AU. libsndfile reads what is there and does not report if the header promises more.
///
/// A program that writes to a pipe, or is terminated early, cannot know the size. It leaves 0, or 2 GiB and more, which
/// exceeds anything that Earshot reads. Such a file is read to its end. A size of 0 is believed only if nothing
/// follows, or if well-formed chunks do.
struct DataChunk {
  /// The size of the samples in bytes, according to the header. Nil if the header does not know it.
  private(set) var promised: Int?
  /// How many bytes of samples there are.
  private(set) var held: Int
  /// The number of frames, which AIFF also counts, and CAF if it contains packets (ALAC).
  private(set) var promisedFrames: Int?
  /// How many bytes after the samples belong to nothing: neither a chunk nor a tag begins there, and they are more than
  /// a few and not all zero. The header then counts less than there is, as in a file whose program wrote the header and
  /// continued to record.
  private(set) var strayed = 0

  /// Sizes from here on mean "not known".
  private static let unknown = 0x7fff_0000
  /// Up to this many bytes after the samples are accepted, whatever they are.
  private static let fewBytes = 1024

  /// How a container lays out its chunks.
  private struct Layout {
    var start: Int
    var idLength = 4, sizeLength = 4
    var isBig: Bool
    /// Chunks start at multiples of this many bytes.
    var pad = 2
    /// Whether a chunk's size includes its own head.
    var countsHead = false
    var data = "data"
    /// How many bytes precede the samples in the data chunk.
    var lead = 0

    var head: Int { idLength + sizeLength }
  }

  /// Nil if the file is not such a container, or contains no data chunk. In `bytes`, sizes that are unknown or too
  /// large are corrected to what is there.
  init?(_ bytes: SoundBytes) {
    switch bytes.text(0, 4) {
    case "RIFF", "RF64": self.init(bytes, Layout(start: 12, isBig: false))
    case "RIFX": self.init(bytes, Layout(start: 12, isBig: true))
    case "FORM" where bytes.starts(with: "AIF", at: 8):
      self.init(bytes, Layout(start: 12, isBig: true, data: "SSND", lead: 8))
    case "FORM": self.init(bytes, Layout(start: 12, isBig: true, data: "BODY"))
    case "riff":
      self.init(bytes, Layout(start: 40, idLength: 16, sizeLength: 8, isBig: false, pad: 8, countsHead: true))
    case "caff": self.init(bytes, Layout(start: 8, sizeLength: 8, isBig: true, pad: 1, lead: 4))
    case ".snd": self.init(au: bytes, isBig: true)
    case "dns.": self.init(au: bytes, isBig: false)
    default: return nil
    }
  }

  private init?(_ bytes: SoundBytes, _ layout: Layout) {
    var position = layout.start
    var largeSize: Int?
    while position + layout.head <= bytes.count {
      let sizePlace = position + layout.idLength
      let size = bytes.number(sizePlace, bytes: layout.sizeLength, isBig: layout.isBig)
      let payload = position + layout.head
      if bytes.starts(with: layout.data, at: position) {
        let surplus = layout.lead + (layout.countsHead ? layout.head : 0)
        if let largeSize, size == 0xffff_ffff {
          self.init(
            bytes, promised: bytes.number(largeSize, bytes: 8, isBig: false), payload: payload, layout,
            sizePlace: largeSize, width: 8, surplus: 0)
        } else {
          self.init(
            bytes, promised: size - surplus, payload: payload + layout.lead, layout, sizePlace: sizePlace,
            width: layout.sizeLength, surplus: surplus)
        }
        promisedFrames = Self.framesOfAIFF(bytes) ?? Self.framesOfCAF(bytes)
        return
      }
      // RF64 stores sizes that do not fit into 32 bits (of the file and of the data) in a chunk of their own.
      if bytes.starts(with: "ds64", at: position) { largeSize = payload + 8 }
      guard let next = Self.after(position, size, layout, bytes) else { return nil }
      position = next
    }
    return nil
  }

  /// AU has a single header and a single size.
  private init?(au bytes: SoundBytes, isBig: Bool) {
    guard bytes.count >= 24 else { return nil }
    let start = bytes.number(4, bytes: 4, isBig: isBig)
    self.init(
      bytes, promised: bytes.number(8, bytes: 4, isBig: isBig), payload: start, Layout(start: start, isBig: isBig),
      sizePlace: 8, width: 4, surplus: 0)
  }

  private init(
    _ bytes: SoundBytes, promised: Int, payload: Int, _ layout: Layout, sizePlace: Int, width: Int, surplus: Int
  ) {
    let present = max(0, bytes.count - payload)
    let isEmpty = promised <= 0 && (present == 0 || Self.areChunks(from: payload, layout, bytes))
    let isUnknown = !isEmpty && (promised <= 0 || (promised + surplus >= Self.unknown && promised > present))
    self.promised = isUnknown ? nil : max(0, promised)
    held = isEmpty ? 0 : isUnknown ? present : min(promised, present)
    let end = payload + held, padded = (end + layout.pad - 1) / layout.pad * layout.pad
    if !isUnknown, bytes.count - padded > Self.fewBytes, ![end, padded].contains(where: { Self.isNamed($0, bytes) }),
      !bytes.starts(with: "ID3", at: end), (padded..<bytes.count).contains(where: { bytes[$0] != 0 })
    {
      strayed = bytes.count - end
    }
    if isUnknown || promised > present {
      let size = UInt64(present + surplus)
      let little = (0..<width).map { UInt8(truncatingIfNeeded: size >> (8 * UInt64($0))) }
      bytes.correct(sizePlace, to: layout.isBig ? little.reversed() : little)
    }
  }

  /// Where the next chunk begins. Nil if there can be none.
  private static func after(_ position: Int, _ size: Int, _ layout: Layout, _ bytes: SoundBytes) -> Int? {
    let length = layout.countsHead ? size : size.addingReportingOverflow(layout.head).partialValue
    guard (layout.head...bytes.count).contains(length) else { return nil }
    return position + (length + layout.pad - 1) / layout.pad * layout.pad
  }

  /// Whether four printable characters begin here, as at the head of a chunk and of most tags.
  private static func isNamed(_ position: Int, _ bytes: SoundBytes) -> Bool {
    (0..<4).allSatisfy { (0x20...0x7e).contains(bytes[position + $0]) }
  }

  /// Whether the rest of the file from `start` consists only of chunks with printable names.
  private static func areChunks(from start: Int, _ layout: Layout, _ bytes: SoundBytes) -> Bool {
    var position = start
    while position + layout.head <= bytes.count {
      guard isNamed(position, bytes) else { return false }
      let size = bytes.number(position + layout.idLength, bytes: layout.sizeLength, isBig: layout.isBig)
      guard let next = after(position, size, layout, bytes) else { return false }
      position = next
    }
    return position >= bytes.count && position > start
  }

  /// The number of frames in the COMM chunk.
  private static func framesOfAIFF(_ bytes: SoundBytes) -> Int? {
    guard bytes.starts(with: "FORM"), bytes.starts(with: "AIF", at: 8) else { return nil }
    let layout = Layout(start: 12, isBig: true)
    return payload(of: "COMM", layout, bytes).map { bytes.number($0 + 2, bytes: 4, isBig: true) }.flatMap(count)
  }

  /// The number of valid frames in the packet table.
  private static func framesOfCAF(_ bytes: SoundBytes) -> Int? {
    guard bytes.starts(with: "caff") else { return nil }
    let layout = Layout(start: 8, sizeLength: 8, isBig: true, pad: 1)
    return payload(of: "pakt", layout, bytes).map { bytes.number($0 + 8, bytes: 8, isBig: true) }.flatMap(count)
  }

  private static func count(_ frames: Int) -> Int? { (1..<unknown).contains(frames) ? frames : nil }

  /// Where the content of a chunk begins.
  private static func payload(of name: String, _ layout: Layout, _ bytes: SoundBytes) -> Int? {
    var position = layout.start
    while position + layout.head <= bytes.count {
      if bytes.starts(with: name, at: position) { return position + layout.head }
      let size = bytes.number(position + layout.idLength, bytes: layout.sizeLength, isBig: layout.isBig)
      guard let next = after(position, size, layout, bytes) else { return nil }
      position = next
    }
    return nil
  }
}
