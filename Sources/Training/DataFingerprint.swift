import Basics
import Foundation
import Library
import Mixing

/// Shows whether two trainings used the same sounds: SHA-256 over the split table with each one-shot's audio hash, and
/// over the tables and files of the validation mixes.
public enum DataFingerprint {
  /// The fingerprint, in hexadecimal digits.
  /// - Throws: a `Problem` if a sound file cannot be read.
  public static func of(_ library: LibraryTable, validation tables: [MixTable]) throws -> String {
    var hash = ContentHash()
    for shot in library.oneShots.sorted(by: { $0.candidate < $1.candidate }) {
      let audio = try shot.sha256.isEmpty ? ContentHash.ofFile(library.url(of: shot)) : shot.sha256
      let cells = [shot.condition.rawValue, shot.split?.rawValue ?? "", audio]
      hash.update(part: shot.candidate, Data(cells.joined(separator: "\t").utf8))
    }
    for (table, mix) in tables.flatMap({ table in table.mixes.map { (table, $0) } }) {
      let audio = try ContentHash.ofFile(table.url(of: mix))
      let cells = mix.parts.map { "\($0.condition.rawValue)=\($0.reference)" } + [audio]
      hash.update(part: mix.query, Data(cells.joined(separator: "\t").utf8))
    }
    return hash.finish()
  }
}
