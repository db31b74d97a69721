import Basics
import Foundation

/// `study.yaml` and the files that it names for its texts and its look, as they were read. Another copy of the study's
/// folder that is read with these files, and has the same tables and sounds, gives the same study.
public struct StudyWords: Sendable, Equatable, Codable {
  /// The content of each file, by its path as written in `study.yaml`.
  public package(set) var files: [String: Data] = [:]

  /// No files.
  public init() {}

  /// SHA-256 (hexadecimal) of all files.
  public var hash: String {
    var hash = ContentHash()
    for (name, data) in files.sorted(by: { $0.key < $1.key }) { hash.update(part: name, data) }
    return hash.finish()
  }

  package static let study = "study.yaml"
}
