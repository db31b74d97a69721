import Foundation

// Servers that share their records say the same of a study: one gives its words out, the others look what was given out.
extension Records {
  /// Publishes the texts of a study.
  /// - Parameters:
  ///   - version: of the words.
  ///   - design: the design that they belong to.
  ///   - isNew: publish only if these texts were never published before, so that a server that starts with old texts does
  ///     not bring them back.
  public func giveOut(words: Data, version: String, design: String, onlyIfNew isNew: Bool) throws {
    try writer.wait { batch in
      let known = try batch.run(
        "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING", "words known \(design) \(version)",
        Data([1]))
      guard known > 0 || !isNew else { return }
      for (name, value) in [("words", words), ("words version", Data(version.utf8))] {
        try batch.run(
          "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
          "\(name) \(design)", value)
      }
    }
  }

  /// The version of the texts that were published last; nil if none were.
  public func givenVersion(design: String) throws -> String? {
    let kept: Data? = try read { try $0.value("SELECT value FROM setting WHERE name = ?1", "words version \(design)") }
    return kept.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The texts that were published last.
  public func givenWords(design: String) throws -> Data? {
    try read { try $0.value("SELECT value FROM setting WHERE name = ?1", "words \(design)") }
  }
}
