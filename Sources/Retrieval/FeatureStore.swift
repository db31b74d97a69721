import Basics
import Foundation
import Sound

/// Features of sound files, computed once and kept by content.
///
/// An entry's name is the SHA-256 of the sound file's bytes and the extractor's identity, so a changed sound and a changed
/// method are new entries, and moved or renamed files are not. An entry that is damaged, or holds what is not a number,
/// is computed again. Safe to be used by many threads and processes at once: entries appear whole.
public struct FeatureStore: Sendable {
  /// Where entries are; nil keeps nothing.
  public let folder: URL?

  public init(folder: URL?) { self.folder = folder }

  /// `features` below the cache folder.
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
    // A full or read-only disk costs time at the next run, not this result.
    try? FileManager.default.createDirectory(at: shelf, withIntermediateDirectories: true)
    try? FeatureStore.encode(features).write(to: entry, options: .atomic)
    return features
  }

  /// Of many files, on all cores, in their order.
  /// - Throws: `Problems`: all files that cannot be read.
  public func features(of files: [URL], by extractor: any FeatureExtractor, progress: ProgressHandler? = nil) throws
    -> [Features]
  {
    try parallelMapTellingAll(files, progress: progress) { try features(of: $0, by: extractor) }
  }

  /// Decodes each of these files that was not found whole before.
  /// - Throws: `Problems`: all that cannot be read.
  public func check(_ files: [URL]) throws {
    var seen: Set<URL> = []
    _ = try features(of: files.filter { seen.insert($0).inserted }, by: Wholeness())
  }

  /// Nothing but a note that a sound could be read. Its version is that of what `AudioFile` notices.
  private struct Wholeness: FeatureExtractor {
    let identity = "whole 1"
    func features(of samples: [Float]) -> Features { Features(columns: 1, values: [1]) }
  }

  private func compute(_ file: URL, _ extractor: any FeatureExtractor) throws -> Features {
    let features = extractor.features(of: try Ear.samples(of: try AudioFile.read(file)))
    guard features.areNumbers else {
      throw Problem(
        "what was computed from the sound (\(extractor.identity.prefix(40))) is not all numbers",
        at: Place(file: file.path), mend: "Leave it out, or export it again at a usual level.")
    }
    return features
  }

  /// `EARSHOTF`, the number of columns and of values (32-bit), the values (32-bit floats), all little-endian, and the
  /// SHA-256 of everything before it as 64 hexadecimal digits.
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
