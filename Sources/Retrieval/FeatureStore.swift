import Basics
import Foundation
import Sound

/// Features of sound files, computed once and cached by content.
///
/// The name of a cache entry is derived from the SHA-256 of the sound file's bytes and the extractor's identity. A
/// changed sound or a changed method therefore gets a new entry; a moved or renamed file does not. Entries that are
/// damaged, or contain values that are not numbers, are computed again. Many threads and processes may use the store at
/// once, since entries appear only when complete.
public struct FeatureStore: Sendable {
  /// The folder of the entries. Nil stores nothing.
  public let folder: URL?

  public init(folder: URL?) { self.folder = folder }

  /// A store in `features` below the cache folder.
  public static func standard() -> FeatureStore { FeatureStore(folder: CacheFolder.folder("features")) }

  /// - Throws: a `Problem` that names the file if it cannot be read.
  public func features(of file: URL, by extractor: any FeatureExtractor) throws -> Features {
    guard let folder else { return try compute(file, extractor) }
    let content = try ContentHash.ofFile(file)
    var name = ContentHash()
    name.update(part: "content", Data(content.utf8))
    name.update(part: "extractor", Data(extractor.identity.utf8))
    let key = name.finish()
    let shelf = folder.appending(path: String(key.prefix(2)))
    let entry = shelf.appending(path: key)
    if let data = try? InputFile.data(entry), let features = FeatureStore.decode(data) { return features }
    let features = try compute(file, extractor)
    // If the disk is full or read-only, the next run takes longer, but this result still holds.
    try? FileManager.default.createDirectory(at: shelf, withIntermediateDirectories: true)
    try? FeatureStore.encode(features).write(to: entry, options: .atomic)
    return features
  }

  /// The features of many files, in order, computed on all cores.
  /// - Throws: `Problems`, with all files that cannot be read.
  public func features(of files: [URL], by extractor: any FeatureExtractor, progress: ProgressHandler? = nil) throws
    -> [Features]
  {
    try parallelMapTellingAll(files, progress: progress) { try features(of: $0, by: extractor) }
  }

  /// Decodes each of these files that is not yet known to be intact.
  /// - Throws: `Problems`, with all files that cannot be read.
  public func check(_ files: [URL]) throws {
    var seen: Set<URL> = []
    _ = try features(of: files.filter { seen.insert($0).inserted }, by: Wholeness())
  }

  /// An entry that only records that a sound could be read. Its version changes with what `AudioFile` detects.
  private struct Wholeness: FeatureExtractor {
    let identity = "whole 1"
    func features(of samples: [Float]) -> Features { Features(columns: 1, values: [1]) }
  }

  private func compute(_ file: URL, _ extractor: any FeatureExtractor) throws -> Features {
    let features = extractor.features(of: try SystemInput.samples(of: try AudioFile.read(file)))
    guard features.areNumbers else {
      throw Problem(
        "some values computed from the sound (\(extractor.identity.prefix(40))) are not numbers",
        at: Place(file: file.path), mend: "Leave it out, or export it again at a usual level.")
    }
    return features
  }

  /// The format of an entry: `EARSHOTF`, the number of columns and of values (32-bit), the values (32-bit floats), all
  /// little-endian, and the SHA-256 of everything before it as 64 hexadecimal digits.
  static func encode(_ features: Features) -> Data {
    var data = Data("EARSHOTF".utf8)
    func append(_ word: UInt32) { withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) } }
    append(UInt32(features.columns))
    append(UInt32(features.values.count))
    for value in features.values { append(value.bitPattern) }
    data.append(Data(ContentHash.of(data).utf8))
    return data
  }

  static func decode(_ data: Data) -> Features? {
    guard data.count >= 80, data.prefix(8) == Data("EARSHOTF".utf8),
      Data(ContentHash.of(data.dropLast(64)).utf8) == data.suffix(64)
    else { return nil }
    return data.withUnsafeBytes { raw -> Features? in
      func word(_ i: Int) -> UInt32 {
        UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 8 + 4 * i, as: UInt32.self))
      }
      let (columns, count) = (Int(word(0)), Int(word(1)))
      guard columns > 0, count % columns == 0, raw.count == 16 + 4 * count + 64 else { return nil }
      let features = Features(columns: columns, values: (0..<count).map { Float(bitPattern: word(2 + $0)) })
      return features.areNumbers ? features : nil
    }
  }
}
