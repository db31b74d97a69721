import Foundation

/// Writes ZIP archives without compression (PKWARE's APPNOTE 6.3, sections 4.3 and 4.4), which every system opens. The
/// same files give the same bytes, since all times are the earliest that the format can express.
public enum ZipArchive {
  private struct Entry {
    var name: Data
    var crc: UInt32
    var size: UInt32
    var offset: UInt32
  }

  /// Writes an archive of these files, each under its own name. It appears under its name once it is complete.
  /// - Throws: a `Problem` if a file cannot be read, or together they exceed the format's limit of 4 GiB.
  public static func write(_ files: [URL], to url: URL) throws {
    try OutputFile.write(url) { sink in
      var entries: [Entry] = []
      var offset = 0
      func put(_ data: Data) throws {
        try sink(data)
        offset += data.count
      }
      func fits(_ number: Int) throws -> UInt32 {
        guard let fitting = UInt32(exactly: number), fitting != .max else {
          throw Problem(
            "the tables are too large for one archive", at: Place(file: url.path), mend: "Use 'earshot export'.")
        }
        return fitting
      }
      for file in files {
        let (crc, size) = try checksum(file)
        let entry = Entry(
          name: Data(file.lastPathComponent.utf8), crc: crc, size: try fits(size), offset: try fits(offset))
        entries.append(entry)
        try put(numbers([(0x0403_4b50, 4)]) + common(entry) + entry.name)
        try pieces(of: file) { try put($0) }
      }
      let start = try fits(offset)
      for entry in entries {
        // "Made by" an MS-DOS system; no comment, disk 0, no attributes.
        try put(numbers([(0x0201_4b50, 4), (20, 2)]) + common(entry))
        try put(numbers([(0, 2), (0, 2), (0, 2), (0, 4), (Int(entry.offset), 4)]) + entry.name)
      }
      let size = try fits(offset - Int(start))
      let count = entries.count
      try put(
        numbers([
          (0x0605_4b50, 4), (0, 2), (0, 2), (count, 2), (count, 2), (Int(size), 4), (Int(start), 4), (0, 2),
        ]))
    }
  }

  /// The fields shared by the local and the central header: version, UTF-8 names, stored, 1980-01-01, checksum and
  /// sizes.
  private static func common(_ entry: Entry) -> Data {
    let (size, name) = (Int(entry.size), entry.name.count)
    return numbers([
      (20, 2), (0x0800, 2), (0, 2), (0, 2), (0x21, 2), (Int(entry.crc), 4), (size, 4), (size, 4), (name, 2), (0, 2),
    ])
  }

  /// Integers with their widths in bytes, little-endian.
  private static func numbers(_ values: [(value: Int, bytes: Int)]) -> Data {
    var data = Data()
    for (value, bytes) in values {
      for place in 0..<bytes { data.append(UInt8(truncatingIfNeeded: value >> (8 * place))) }
    }
    return data
  }

  private static func pieces(of file: URL, _ body: (Data) throws -> Void) throws {
    let handle = FileHandle(fileDescriptor: try InputFile.open(file).descriptor, closeOnDealloc: true)
    while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty { try body(piece) }
  }

  private static func checksum(_ file: URL) throws -> (crc: UInt32, size: Int) {
    var (crc, size) = (UInt32.max, 0)
    try pieces(of: file) { piece in
      size += piece.count
      for byte in piece {
        let place = Int((crc ^ UInt32(byte)) & 0xff)
        crc = table[place] ^ (crc >> 8)
      }
    }
    return (~crc, size)
  }

  /// The table for CRC-32 (ISO 3309), from its reversed polynomial.
  private static let table: [UInt32] = (0..<256).map { (index: UInt32) -> UInt32 in
    var value = index
    for _ in 0..<8 {
      let half: UInt32 = value >> 1
      value = value & 1 == 0 ? half : 0xedb8_8320 ^ half
    }
    return value
  }
}
