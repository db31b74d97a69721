import Basics
import Foundation
import Yams

/// Reads a YAML file, records where every key is, and collects all problems.
package struct YAMLReader {
  /// What problems call the file.
  package let file: String
  /// The study's folder, which contains the text files.
  package let folder: URL
  /// The study's languages. Each text is required in all of them.
  package var languages = ["en"]
  package private(set) var problems: [Problem] = []
  /// The size limit for study.yaml and for each text file, in bytes.
  private static let largestText = 16 << 20
  /// Languages that appear in texts but not in the study: where each first appears, and how often.
  private var unshown: [String: (first: Place, count: Int)] = [:]
  /// The place of each key's value, by path: `trials.repeats`, `questionnaire[2].id`.
  package private(set) var places: [String: Place] = [:]
  /// The content of the files read so far.
  package private(set) var words = StudyWords()
  /// Files to use instead of those in the folder.
  private let given: StudyWords?
  /// All permitted keys.
  private let known: [DocumentedKey]

  /// - Parameters:
  ///   - given: the content of the files. Nil to read them from the folder.
  ///   - known: all permitted keys.
  package init(file: String, folder: URL, given: StudyWords? = nil, known: [DocumentedKey]) {
    self.file = file
    self.folder = folder
    self.given = given
    self.known = known
  }

  package mutating func remember(_ path: String, _ node: Node) { places[path] = place(node) }

  package func place(_ node: Node) -> Place { Place(file: file, line: node.mark?.line, column: node.mark?.column) }

  /// The place of a key's value. If the key is missing, the place of the nearest enclosing section.
  package func place(of path: String) -> Place {
    var path = path[...]
    while !path.isEmpty {
      if let place = places[String(path)] { return place }
      path = path[..<(path.lastIndex { $0 == "." || $0 == "[" } ?? path.startIndex)]
    }
    return Place(file: file)
  }

  /// Whether the file contains a key, whatever its value.
  package func isGiven(_ path: String) -> Bool { places[path] != nil }

  package mutating func fail(_ what: String, at place: Place, mend: String, severity: Problem.Severity = .error) {
    problems.append(Problem(what, at: place, mend: mend, severity: severity))
  }

  /// The text of study.yaml. Nil, after reporting a problem, if it cannot be read or is not text.
  package mutating func study(missing: Problem) -> String? {
    do {
      let url = folder.appending(path: StudyWords.study)
      let data = try data(StudyWords.study, url, called: file, missing: missing, largest: YAMLReader.largestText)
      return try TextBytes.text(of: data, file: file)
    } catch let problem as Problem {
      problems.append(problem)
    } catch {
      fail("\(error)", at: Place(file: file), mend: "Save it with the encoding UTF-8.")
    }
    return nil
  }

  /// Reads a file and records its content.
  private mutating func data(_ name: String, _ url: URL, called: String, missing: Problem, largest: Int) throws -> Data
  {
    guard let given else {
      let data = try InputFile.data(url, name: called, missing: missing, largest: largest)
      words.files[name] = data
      return data
    }
    guard let data = given.files[name] else { throw missing }
    words.files[name] = data
    return data
  }

  /// The document's root. Nil if the text is not YAML, or if it is empty and `mayBeEmpty`.
  package mutating func compose(_ yaml: String, mayBeEmpty: Bool = false) -> Node? {
    do {
      if let node = try BoundedYAML.compose(yaml, file: file) { return node }
      if mayBeEmpty { return nil }
      fail("the file is empty", at: Place(file: file, line: 1), mend: "It needs at least a title and a consent text.")
    } catch let problem as Problem {
      problems.append(problem)
    } catch let error as YamlError {
      switch error {
      case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
        .composer(_, let problem, let mark, _):
        fail(
          "this is not YAML: \(problem)", at: Place(file: file, line: mark.line, column: mark.column),
          mend: "Check the indentation, the colons and the quotation marks here and in the line above.")
      case .duplicatedKeysInMapping(let keys, let context):
        fail(
          "\(keys.map { "'\($0)'" }.joined(separator: ", ")) occurs twice in the section that starts here",
          at: Place(file: file, line: context.mark.line, column: context.mark.column), mend: "Keep one of the two.")
      default: fail("this is not YAML: \(error)", at: Place(file: file), mend: "Save it as UTF-8 text.")
      }
    } catch {
      fail("this is not YAML: \(error)", at: Place(file: file), mend: "Save it as UTF-8 text.")
    }
    return nil
  }

  /// Reads a section: every key of `keys` that is given. All other keys are reported. An empty value gives no keys.
  package mutating func section<Root>(_ node: Node, path: String, keys: [KeyReader<Root>], into root: inout Root) {
    if let scalar = node.scalar, isNull(scalar) { return }
    guard let mapping = node.mapping else {
      fail(
        "\(path.isEmpty ? "the file" : "'\(path)'") must be a section of keys", at: place(node),
        mend: "Its keys are \(keys.map(\.name).joined(separator: ", ")).")
      return
    }
    /// Keys are read in the order of the table, because some depend on the values of earlier ones.
    func rank(_ table: Node) -> Int { keys.firstIndex { $0.name == table.scalar?.string } ?? keys.count }
    for (keyNode, value) in mapping.sorted(by: { rank($0.key) < rank($1.key) }) {
      let name = keyNode.scalar?.string ?? ""
      let full = path.isEmpty ? name : "\(path).\(name)"
      guard let key = keys.first(where: { $0.name == name }) else {
        fail("there is no key '\(full)'", at: place(keyNode), mend: mend(unknown: name, keys.map(\.name)))
        continue
      }
      places[full] = place(value)
      key.read(value, full, &self, &root)
    }
  }

  private func mend(unknown name: String, _ siblings: [String]) -> String {
    if let suggestion = Suggestion.didYouMean(name, among: siblings) { return suggestion }
    let elsewhere = known.filter { $0.path.hasSuffix(".\(name)") || $0.path == name }
    if let key = elsewhere.first { return "It belongs elsewhere: \(key.path)." }
    return "The keys here are \(siblings.joined(separator: ", "))."
  }

  /// The text of a scalar that is not null.
  package mutating func string(_ node: Node, _ path: String, mend: String) -> String? {
    guard let scalar = node.scalar, !isNull(scalar) else {
      fail("'\(path)' is \(kind(node))", at: place(node), mend: mend)
      return nil
    }
    return scalar.string
  }

  package mutating func number(
    _ node: Node, _ path: String, in range: ClosedRange<Double>, unit: String, or word: String? = nil
  )
    -> Double?
  {
    let choice = word.map { ", or \($0)" } ?? ""
    let mend = "Write a number from \(range.lowerBound.cellText) to \(range.upperBound.cellText)\(unit)\(choice)."
    guard let scalar = node.scalar, isPlain(scalar), let number = Double(digits(scalar)), number.isFinite else {
      fail("'\(path)' is \(kind(node)), which is not a number", at: place(node), mend: mend)
      return nil
    }
    guard range.contains(number) else {
      fail("'\(path)' is \(number.cellText)", at: place(node), mend: mend)
      return nil
    }
    return number
  }

  package mutating func integer(
    _ node: Node, _ path: String, in range: ClosedRange<Int>, unit: String, or word: String? = nil
  )
    -> Int?
  {
    let choice = word.map { ", or \($0)" } ?? ""
    let mend = "Write a whole number from \(range.lowerBound) to \(range.upperBound)\(unit)\(choice)."
    guard let scalar = node.scalar, isPlain(scalar), let number = Int(digits(scalar)) else {
      fail("'\(path)' is \(kind(node)), which is not a whole number", at: place(node), mend: mend)
      return nil
    }
    guard range.contains(number) else {
      fail("'\(path)' is \(number)", at: place(node), mend: mend)
      return nil
    }
    return number
  }

  package mutating func choice<Choice: RawRepresentable<String>>(
    _ node: Node, _ path: String, of words: [String]
  ) -> Choice? {
    guard let word = string(node, path, mend: "Write \(words.or).") else { return nil }
    if words.contains(word), let choice = Choice(rawValue: word) { return choice }
    let guess = Suggestion.didYouMean(word, among: words)
    fail("'\(path)' is '\(word)'", at: place(node), mend: guess ?? "Write \(words.or).")
    return nil
  }

  package mutating func flag(_ node: Node, _ path: String) -> Bool? {
    if let scalar = node.scalar, isPlain(scalar) {
      switch scalar.string.lowercased() {
      case "true", "yes": return true
      case "false", "no": return false
      default: break
      }
    }
    fail("'\(path)' is \(kind(node))", at: place(node), mend: "Write true or false.")
    return nil
  }

  package mutating func names(_ node: Node, _ path: String) -> [String]? {
    guard let sequence = node.sequence else {
      fail("'\(path)' is \(kind(node)), not a list", at: place(node), mend: "Write a list: [one, two].")
      return nil
    }
    var names: [String] = []
    for (i, item) in sequence.enumerated() {
      let full = "\(path)[\(i)]"
      places[full] = place(item)
      guard let name = string(item, full, mend: "Write a name.").map(Name.read) else { continue }
      if names.contains(name) {
        fail("'\(name)' occurs twice in '\(path)'", at: place(item), mend: "Keep one of the two.")
      } else {
        names.append(name)
      }
    }
    return names
  }

  /// Reads a text: one string for the default language, `file: PATH` (where `{language}` stands for each language), or
  /// a map by language.
  package mutating func text(_ node: Node, _ path: String) -> [String: String]? {
    if let scalar = node.scalar, !isNull(scalar) { return [languages[0]: scalar.string] }
    guard let mapping = node.mapping else {
      fail(
        "'\(path)' is \(kind(node)), not a text", at: place(node),
        mend: "Write the text, 'file: texts/x.md', or a map by language: {en: …, de: …}.")
      return nil
    }
    if mapping.contains(where: { $0.key.scalar?.string == "file" }) {
      guard let (name, at) = fileName(node, path) else { return nil }
      guard name.contains("{language}") else { return [languages[0]: contents(of: name, at: at)] }
      var texts: [String: String] = [:]
      for language in languages {
        texts[language] = contents(of: name.replacing("{language}", with: language), at: at)
      }
      return texts
    }
    var texts: [String: String] = [:]
    for (keyNode, value) in mapping {
      let language = keyNode.scalar?.string ?? ""
      guard languages.contains(language) else {
        if LanguageCode.isOne(language) {
          let here = place(keyNode)
          let known = unshown[language]
          let isFirst = known.map { ($0.first.line ?? 0) > (here.line ?? 0) } ?? true
          unshown[language] = (isFirst ? here : known?.first ?? here, (known?.count ?? 0) + 1)
          continue
        }
        fail(
          "'\(path)' has a text for '\(language)', which is not a language of the study", at: place(keyNode),
          mend: Suggestion.didYouMean(language, among: languages)
            ?? "The study's languages are \(languages.joined(separator: ", ")).")
        continue
      }
      if value.mapping != nil {
        if let (name, at) = fileName(value, path) { texts[language] = contents(of: name, at: at) }
      } else if let text = string(value, "\(path).\(language)", mend: "Write the text or 'file: texts/x.md'.") {
        texts[language] = text
      }
    }
    return texts
  }

  /// Warns of languages that appear in texts but not in the study, once for each.
  package mutating func tellUnshown() {
    for (language, texts) in unshown.sorted(by: { $0.key < $1.key }) {
      fail(
        texts.count == 1
          ? "a text for '\(language)' is not shown: it is not a language of the study"
          : "\(texts.count) texts for '\(language)', from here on, are not shown: it is not a language of the study",
        at: texts.first,
        mend: Suggestion.didYouMean(language, among: languages)
          ?? "Add it to 'languages', or leave them out.", severity: .warning)
    }
    unshown = [:]
  }

  private mutating func fileName(_ node: Node, _ path: String) -> (String, Place)? {
    guard let mapping = node.mapping, mapping.count == 1, let pair = mapping.first, pair.key.scalar?.string == "file"
    else {
      fail("'\(path)' is neither a text nor a file", at: place(node), mend: "Write the text or 'file: texts/x.md'.")
      return nil
    }
    let name = string(pair.value, "\(path).file", mend: "Write the path of a Markdown file.")
    return name.map { ($0, place(pair.value)) }
  }

  /// The content of a file that is named at this place. Nil, after reporting a problem, if it cannot be read.
  /// - Parameter largest: in bytes. A larger file is refused.
  package mutating func bytes(of name: String, at place: Place, largest: Int) -> Data? {
    let url = NamedFile.url(name, from: folder)
    let missing = Problem(
      "there is no file '\(name)'", at: place,
      mend: NamedFile.lookalike(url) ?? "Paths start at the study's folder. Create the file, or fix the path.")
    do {
      return try data(name, url, called: name, missing: missing, largest: largest)
    } catch let problem as Problem {
      problems.append(
        problem == missing ? problem : Problem("'\(name)': \(problem.what)", at: place, mend: problem.mend))
    } catch {
      fail("'\(name)': \(error)", at: place, mend: "Check the path.")
    }
    return nil
  }

  /// The text of a file. If it cannot be read, that is reported here, and the text is not reported again as missing.
  private mutating func contents(of name: String, at place: Place) -> String {
    let unknown = "?"
    guard let data = bytes(of: name, at: place, largest: YAMLReader.largestText) else { return unknown }
    guard let text = try? TextBytes.text(of: data, file: name) else {
      fail("the file '\(name)' is not UTF-8 text", at: place, mend: "Save it with the encoding UTF-8.")
      return unknown
    }
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  package func isNull(_ scalar: Node.Scalar) -> Bool {
    isPlain(scalar) && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// Whether a scalar has no quotation marks: `"12"` is a text, 12 is a number.
  package func isPlain(_ scalar: Node.Scalar) -> Bool { scalar.style == .plain || scalar.style == .any }

  /// The digits of a number, without the underscores that YAML permits (10_000).
  private func digits(_ scalar: Node.Scalar) -> String {
    scalar.string.wholeMatch(of: /[-+]?[0-9][0-9_]*(\..*)?/) == nil
      ? scalar.string : scalar.string.replacing("_", with: "")
  }

  private func kind(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar):
      if isNull(scalar) { return "empty" }
      return isPlain(scalar) ? "'\(scalar.string)'" : "the text \"\(scalar.string)\""
    case .mapping: return "a section"
    case .sequence: return "a list"
    case .alias: return "an alias"
    }
  }
}

extension [String] {
  /// The items in words: `a, b or c`.
  package var or: String { dropLast().joined(separator: ", ") + (count > 1 ? " or " : "") + (last ?? "") }
}
