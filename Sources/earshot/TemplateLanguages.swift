import Basics
import Foundation

/// The languages of a ready study, and the study in some of them.
struct TemplateLanguages {
  /// The languages of its `languages`; the first is the default.
  let all: [String]
  private let yaml: String

  /// - Parameter yaml: the ready study's study.yaml.
  init(_ yaml: String) {
    self.yaml = yaml
    all =
      yaml.firstMatch(of: /(?m)^languages: \[([^\]]*)\]/).map { match in
        match.1.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      } ?? ["en"]
  }

  /// study.yaml in the given languages: texts in others are removed, and everything else stays as written.
  /// - Throws: a `Problem` if the ready study does not have one of them.
  func only(_ wanted: [String]) throws -> String {
    if let missing = wanted.first(where: { !all.contains($0) }) {
      throw Problem(
        "the ready study has no texts in '\(missing)'",
        mend: "It has \(all.joined(separator: ", ")). Add other languages to study.yaml and texts/ afterwards.")
    }
    let others = all.filter { !wanted.contains($0) }
    var text = yaml.replacing(/(?m)^languages: \[[^\]]*\]/) { _ in
      "languages: [\(wanted.joined(separator: ", "))]"
    }
    for language in others {
      // A line of its own, or a part of a line: {en: kick drum, de: Bassdrum}.
      text = text.split(separator: "\n", omittingEmptySubsequences: false)
        .filter { !$0.drop { $0 == " " }.hasPrefix("\(language): ") || !$0.hasPrefix(" ") }
        .joined(separator: "\n")
      text = text.replacing(#/\{[a-z]{2}: [^{}]*\}/#) { match in
        let parts = match.0.dropFirst().dropLast().replacing(#/, (?=[a-z]{2}: )/#, with: "\n").split(separator: "\n")
        return "{\(parts.filter { !$0.hasPrefix("\(language): ") }.joined(separator: ", "))}"
      }
    }
    return text
  }
}
