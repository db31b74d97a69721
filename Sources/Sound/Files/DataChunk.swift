/// The part of a file that holds its samples, where a header counts them in bytes: WAV (RIFF, RIFX, RF64), AIFF, 8SVX,
/// W64, CAF and AU. libsndfile reads what is there and says nothing where the header promises more.
///
/// A program that writes into a pipe, or is ended before it is done, cannot know the size: it leaves 0, or 2 GiB and more,
/// which nothing that Earshot reads can hold. Such a file is read to its end. A size of 0 counts for what it says where
/// other chunks follow it in good order.
struct DataChunk {
  /// In bytes; nil where the header does not know.
  private(set) var promised: Int?
  /// In bytes.
  private(set) var held: Int
  /// AIFF counts frames as well, and so does CAF where it holds packets (ALAC).
  private(set) var promisedFrames: Int?
  /// Bytes behind the samples that belong to nothing: no chunk begins with them, no tag, they are not a few and not only
  /// zeros. The header then counts less than there is, as one does that a program wrote before it went on recording.
  private(set) var strayed = 0

  /// From here on a size means "not known".
  private static let unknown = 0x7fff_0000
  /// So many bytes behind the samples are let pass, whatever they are.
  private static let fewBytes = 1024

  /// How a container writes its chunks.
  private struct Layout {
    var start: Int
    var idLength = 4, sizeLength = 4
    var isBig: Bool
    /// Chunks start at multiples of it.
    var pad = 2
    /// Whether a chunk's size counts its own head.
    var countsHead = false
    var data = "data"
    /// What stands before the samples in the data chunk.
    var lead = 0

    var head: Int { idLength + sizeLength }
  }

  /// nil where the file is no such container, or its data chunk is not found. Sizes that are unknown or too large are
  /// corrected in `bytes` to what is there.
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
      // RF64 has the sizes that do not fit into 32 bits in a chunk of their own: of the file, of the data.
      if bytes.starts(with: "ds64", at: position) { largeSize = payload + 8 }
      guard let next = Self.after(position, size, layout, bytes) else { return nil }
      position = next
    }
    return nil
  }

  /// AU has one header and one size.
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

  /// Where the chunk after one begins, or nil where none can.
  private static func after(_ position: Int, _ size: Int, _ layout: Layout, _ bytes: SoundBytes) -> Int? {
    let length = layout.countsHead ? size : size.addingReportingOverflow(layout.head).partialValue
    guard (layout.head...bytes.count).contains(length) else { return nil }
    return position + (length + layout.pad - 1) / layout.pad * layout.pad
  }

  /// Whether four letters stand there, as at the head of a chunk and of most tags.
  private static func isNamed(_ position: Int, _ bytes: SoundBytes) -> Bool {
    (0..<4).allSatisfy { (0x20...0x7e).contains(bytes[position + $0]) }
  }

  /// Whether nothing but chunks with names in letters stands from `start` to the file's end.
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

  /// Of the COMM chunk.
  private static func framesOfAIFF(_ bytes: SoundBytes) -> Int? {
    guard bytes.starts(with: "FORM"), bytes.starts(with: "AIF", at: 8) else { return nil }
    let layout = Layout(start: 12, isBig: true)
    return payload(of: "COMM", layout, bytes).map { bytes.number($0 + 2, bytes: 4, isBig: true) }.flatMap(count)
  }

  /// Of the packet table: its valid frames.
  private static func framesOfCAF(_ bytes: SoundBytes) -> Int? {
    guard bytes.starts(with: "caff") else { return nil }
    let layout = Layout(start: 8, sizeLength: 8, isBig: true, pad: 1)
    return payload(of: "pakt", layout, bytes).map { bytes.number($0 + 8, bytes: 8, isBig: true) }.flatMap(count)
  }

  private static func count(_ frames: Int) -> Int? { (1..<unknown).contains(frames) ? frames : nil }

  /// Where what a chunk holds begins.
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
