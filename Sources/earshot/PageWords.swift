import Basics
import Foundation

/// The languages of what the pages say themselves: buttons, notices, keys. A study may be in any language.
enum PageWords {
  /// A warning for each language that the pages have no words for, where they say their own in English.
  /// - Parameters:
  ///   - languages: a study's, as BCP 47 codes.
  ///   - study: its file, as it is named in messages.
  ///   - folder: `Public/words`, with a file for each language but English, called by the first part of its code.
  static func warnings(_ languages: [String], study: String, folder: URL) -> [Problem] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let known = Set(files.filter { $0.hasSuffix(".json") }.map { $0.dropLast(5).lowercased() } + ["en"])
    return languages.compactMap { language in
      let base = language.prefix { $0 != "-" }.lowercased()
      guard !known.contains(base) else { return nil }
      return Problem(
        "the pages have no words of their own in '\(language)', so that their buttons and notices are in English there",
        at: Place(file: study),
        mend: "Translate Public/words/de.json as Public/words/\(base).json, or leave it so. "
          + "They speak \(known.sorted().joined(separator: ", ")).",
        severity: .warning)
    }
  }
}
