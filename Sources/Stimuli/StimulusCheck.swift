import Basics
import Foundation
import Study

/// Checks that sounds can be prepared, by preparing them and discarding the result. Thus it reports what
/// `PreparedStimuli.prepare` would refuse, by the same rules.
///
/// A sound that passes is noted by its content and the rules, and not decoded again.
public struct StimulusCheck: Sendable {
  private let folder: URL?

  /// - Parameter folder: where notes are kept. Nil keeps none.
  public init(folder: URL?) { self.folder = folder }

  /// A check that keeps its notes in `checked` below the cache folder.
  public static func standard() -> StimulusCheck { StimulusCheck(folder: CacheFolder.folder("checked")) }

  /// - Parameter sourceHash: SHA-256 of the file.
  /// - Throws: the `Problem` with which preparation would refuse the sound.
  public func callAsFunction(_ request: StimulusRequest, sourceHash: String, rules: StudyDefinition.Sounds) throws {
    let key = PreparationRecord.key(request, sourceHash: sourceHash, rules: rules)
    let shelf = folder?.appending(path: String(key.prefix(2)))
    let note = shelf?.appending(path: key)
    if let note, FileManager.default.fileExists(atPath: note.path) { return }
    _ = try StimulusSound(request, rules: rules)
    // If the disk is full or read-only, the next check takes longer, but this result still holds.
    guard let shelf, let note else { return }
    try? FileManager.default.createDirectory(at: shelf, withIntermediateDirectories: true)
    _ = FileManager.default.createFile(atPath: note.path, contents: nil)
  }
}
