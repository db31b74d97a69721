import Basics
import Foundation

/// `study.yaml` and the files that it names for its texts and its look, as they were read. Another copy of the study's
/// folder, with the same tables and sounds, says the same when it is read with them.
public struct StudyWords: Sendable, Equatable, Codable {
  /// What each file holds, by the path that `study.yaml` names it by.
  public internal(set) var files: [String: Data] = [:]

  /// SHA-256 (hexadecimal) of all of it.
  public var hash: String {
    var hash = ContentHash()
    for (name, data) in files.sorted(by: { $0.key < $1.key }) { hash.update(part: name, data) }
    return hash.finish()
  }

  static let study = "study.yaml"
}
