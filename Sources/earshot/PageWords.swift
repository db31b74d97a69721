import Basics
import Foundation
import Study

/// The languages of the pages' own texts: buttons, notices, keys. A study may be in any language.
enum PageWords {
  /// A warning for each language that the pages are not available in, so that their own texts are in English.
  /// - Parameters:
  ///   - languages: a study's languages, as BCP 47 codes.
  ///   - study: the study's file, as it is named in messages.
  ///   - folder: `Public/words`, with a file for each language except English, named by the first part of its code.
  static func warnings(_ languages: [String], study: String, folder: URL) -> [Problem] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let known = Set(files.filter { $0.hasSuffix(".json") }.map { $0.dropLast(5).lowercased() } + ["en"])
    return languages.compactMap { language in
      let base = language.prefix { $0 != "-" }.lowercased()
      guard !known.contains(base) else { return nil }
      return Problem(
        "the pages are not translated into '\(language)', so their buttons and notices are in English",
        at: Place(file: study),
        mend: "Translate Public/words/de.json as Public/words/\(base).json, or leave it. "
          + "They speak \(known.sorted().joined(separator: ", ")).",
        severity: .warning)
    }
  }

  /// Problems with a study's own wording: names that no message has, and placeholders that it does not fill in.
  /// - Parameters:
  ///   - words: the study's own wording, by the names of messages.
  ///   - study: the study's file, as it is named in messages.
  ///   - folder: `Public/words`.
  static func problems(
    _ words: [String: StudyDefinition.Localized], study: String, folder: URL
  ) -> [Problem] {
    guard !words.isEmpty, let file = try? Data(contentsOf: folder.appending(path: "de.json")),
      let known = try? JSONSerialization.jsonObject(with: file)
    else { return [] }
    let messages = texts(known, "")
    return words.sorted { $0.key < $1.key }.flatMap { name, said -> [Problem] in
      guard let message = messages[name] else {
        return [
          Problem(
            "'texts.pages.\(name)' is not a message of the pages", at: Place(file: study),
            mend: Suggestion.didYouMean(name, among: messages.keys.sorted())
              ?? "The names are those of Public/words/de.json.")
        ]
      }
      return said.sorted { $0.key < $1.key }.flatMap { language, text in
        places(text).subtracting(places(message)).sorted().map {
          Problem(
            "'texts.pages.\(name)' contains {\($0)} in '\(language)', which is not a placeholder",
            at: Place(file: study),
            mend: places(message).isEmpty
              ? "It has none." : "It has \(places(message).sorted().map { "{\($0)}" }.joined(separator: ", ")).")
        }
      }
    }
  }

  /// All messages by their dotted names; the plural forms of a message count as one text.
  private static func texts(_ words: Any, _ path: String) -> [String: String] {
    if let text = words as? String { return [path: text] }
    guard let section = words as? [String: Any] else { return [:] }
    if section["other"] is String { return [path: section.values.compactMap { $0 as? String }.joined(separator: " ")] }
    return section.reduce(into: [:]) { found, one in
      found.merge(texts(one.value, path.isEmpty ? one.key : path + "." + one.key)) { first, _ in first }
    }
  }

  private static func places(_ text: String) -> Set<String> {
    Set(text.matches(of: /\{(\w+)\}/).map { String($0.1) })
  }
}
