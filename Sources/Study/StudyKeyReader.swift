import Basics
import Foundation
import Yams

/// One key of `study.yaml`, declared once: how it is called, what it may hold, what it means, and which property of the
/// definition it fills. Reading, defaults, canonical form, `earshot help study` and docs/study.md all follow from it.
struct StudyKeyReader<Root>: Sendable {
  typealias Path<Value> = WritableKeyPath<Root, Value> & Sendable

  var name: String
  var type: String
  var meaning: String
  var example: String
  var isRequired = false
  var read: @Sendable (Node, _ path: String, inout YAMLReader, inout Root) -> Void
  /// What the definition holds, as YAML; empty for a section.
  var show: @Sendable (Root) -> String
  /// Of a section, all that it holds in one line.
  var whole: (@Sendable (Root) -> String)?
  /// What is wrong with a text that some language lacks.
  var missing: @Sendable (Root, _ path: String, inout YAMLReader) -> Void = { _, _, _ in }
  /// What it shows in studies from before there was such a key: there it is left out of what a list's part shows, so that
  /// their versions stay.
  var unsaid: String?
  /// What it says of the design beyond what holds without it, as YAML; nil for nothing. Where there is no such function, it
  /// is what `show` gives, unless that is the default's.
  var ofDesign: (@Sendable (_ root: Root, _ defaults: Root) -> String?)?
  /// The keys below, where it is a section.
  var children: @Sendable (Root, _ path: String) -> [StudyKey] = { _, _ in [] }
  /// What may be written, as JSON Schema; without its own meaning and default.
  /// - Parameters:
  ///   - defaults: what holds where the keys below are not given, where that is known.
  ///   - types: the names of the trial types.
  var schema: @Sendable (_ defaults: Root?, _ types: [String]) -> [String: Any]

  /// This key and those below it, with the values of `root` as their defaults.
  func documented(_ root: Root, _ prefix: String) -> [StudyKey] {
    let path = prefix.isEmpty ? name : "\(prefix).\(name)"
    let below = children(root, path)
    return [
      StudyKey(
        path: path, type: type, value: show(root), isRequired: isRequired, meaning: meaning, example: example,
        isSection: !below.isEmpty)
    ] + below
  }
}

extension StudyKeyReader {
  /// What decides about plans, sounds, scales and questions; no words, and nothing that is as in `defaults`.
  static func design(_ keys: [StudyKeyReader<Root>], _ root: Root, _ defaults: Root) -> String? {
    let said = keys.compactMap { key -> String? in
      let value: String? =
        if let ofDesign = key.ofDesign { ofDesign(root, defaults) } else {
          key.show(root) == key.show(defaults) ? nil : key.show(root)
        }
      return value.map { "\(key.name): \($0)" }
    }
    return said.isEmpty ? nil : "{\(said.joined(separator: ", "))}"
  }

  /// Words, or how listeners come and go: the design stays the same when it is changed.
  func besideDesign() -> Self {
    var key = self
    key.ofDesign = { _, _ in nil }
    return key
  }

  /// A text that is a step of the session where it is given; how it is worded does not matter to the design.
  func asStep(_ path: Path<StudyDefinition.Localized>) -> Self {
    var key = self
    key.ofDesign = { root, _ in root[keyPath: path].isEmpty ? nil : "given" }
    return key
  }

  /// All keys with what a part holds, in one line of YAML.
  private static func line<Part>(_ keys: [StudyKeyReader<Part>], _ part: Part) -> String {
    let said = keys.compactMap { key -> String? in
      let value = (key.whole ?? key.show)(part)
      return value == key.unsaid ? nil : "\(key.name): \(value)"
    }
    return "{\(said.joined(separator: ", "))}"
  }

  static func section<Part>(
    _ name: String, _ path: Path<Part>, _ meaning: String, _ keys: [StudyKeyReader<Part>]
  ) -> Self {
    .init(
      name: name, type: "section", meaning: meaning, example: "",
      read: { node, full, reader, root in reader.section(node, path: full, keys: keys, into: &root[keyPath: path]) },
      show: { _ in "" }, whole: { line(keys, $0[keyPath: path]) },
      missing: { root, full, reader in
        for key in keys { key.missing(root[keyPath: path], "\(full).\(key.name)", &reader) }
      }, ofDesign: { StudyKeyReader<Part>.design(keys, $0[keyPath: path], $1[keyPath: path]) },
      children: { root, full in keys.flatMap { $0.documented(root[keyPath: path], full) } },
      schema: { StudySchema.object(keys, $0?[keyPath: path], types: $1) })
  }

  /// A section whose keys are explained where they stand first.
  static func again<Part>(
    _ name: String, _ path: Path<Part>, _ meaning: String, _ keys: [StudyKeyReader<Part>], _ example: String
  ) -> Self { section(name, path, meaning, keys).briefly(example, shown: "as above") }

  /// With an example in place of the keys below.
  /// - Parameter shown: of a section, what is told as its default.
  func briefly(_ example: String, shown: String = "{}") -> Self {
    var key = self
    key.example = example
    key.children = { _, _ in [] }
    // It is not the default of any key below.
    if whole != nil {
      let schema = schema
      key.show = { _ in shown }
      key.schema = { schema(nil, $1) }
    }
    return key
  }

  /// Whether it may be left out depends on other keys: `StudyRules` tells.
  func neededElsewhere() -> Self {
    var key = self
    key.missing = { _, _, _ in }
    return key
  }

  /// One of the trial types, which this room does not know.
  func amongTypes() -> Self {
    var key = self
    key.schema = { ["enum": $1] }
    return key
  }

  /// Came to a list's parts later than they did.
  func later(unsaid: String) -> Self {
    var key = self
    key.unsaid = unsaid
    return key
  }

  static func line(_ name: String, _ path: Path<String>, required: Bool = false, _ meaning: String, _ example: String)
    -> Self
  {
    .init(
      name: name, type: "text", meaning: meaning, example: example, isRequired: required,
      read: { node, full, reader, root in
        if let text = reader.string(node, full, mend: "Write a text, as in: \(example)") { root[keyPath: path] = text }
      }, show: { YAMLText.quoted($0[keyPath: path]) },
      missing: { root, full, reader in
        if required, root[keyPath: path].trimmingCharacters(in: .whitespaces).isEmpty {
          reader.fail("'\(full)' is missing", at: reader.place(of: full), mend: "Write it, as in: \(example)")
        }
      }, schema: { _, _ in StudySchema.scalar(isEmpty: !required) })
  }

  /// One text, or one for each language.
  static func title(
    _ name: String, _ path: Path<String>, _ inLanguages: Path<StudyDefinition.Localized>, _ meaning: String,
    _ example: String
  ) -> Self {
    let one = line(name, path, required: true, meaning, example)
    var key = one
    key.type = "text, or one a language"
    key.read = { node, full, reader, root in
      guard let mapping = node.mapping else { return one.read(node, full, &reader, &root) }
      guard let texts = reader.text(node, full) else { return }
      root[keyPath: inLanguages] = texts
      let first = reader.languages.first { texts[$0] != nil } ?? mapping.first?.key.scalar?.string ?? ""
      root[keyPath: path] = texts[first] ?? ""
    }
    key.show = { root in
      let texts = root[keyPath: inLanguages]
      return texts.isEmpty ? YAMLText.quoted(root[keyPath: path]) : YAMLText.localized(texts)
    }
    key.missing = { root, full, reader in
      let texts = root[keyPath: inLanguages]
      if texts.isEmpty { one.missing(root, full, &reader) } else { reader.requireText(texts, full) }
    }
    key.schema = { _, _ in StudySchema.text(isEmpty: false) }
    return key
  }

  static func optionalLine(_ name: String, _ path: Path<String?>, _ meaning: String, _ example: String) -> Self {
    .init(
      name: name, type: "text, or none", meaning: meaning, example: example,
      read: { node, full, reader, root in
        if let text = reader.string(node, full, mend: "Write a text, as in: \(example)") {
          root[keyPath: path] = text == "none" ? nil : text
        }
      }, show: { $0[keyPath: path].map(YAMLText.quoted) ?? "none" }, schema: { _, _ in StudySchema.scalar() })
  }

  static func number(
    _ name: String, _ path: Path<Double>, _ range: ClosedRange<Double>, unit: String = "", _ meaning: String,
    _ example: String
  ) -> Self {
    .init(
      name: name, type: "number, \(range.lowerBound.cellText) to \(range.upperBound.cellText)\(unit)", meaning: meaning,
      example: example,
      read: { node, full, reader, root in
        if let value = reader.number(node, full, in: range, unit: unit) { root[keyPath: path] = value }
      }, show: { $0[keyPath: path].cellText }, schema: { _, _ in StudySchema.number(range) })
  }

  /// `word` says what stands for no number.
  static func optionalNumber(
    _ name: String, _ path: Path<Double?>, _ range: ClosedRange<Double>, unit: String = "", or word: String,
    _ meaning: String, _ example: String
  ) -> Self {
    .init(
      name: name, type: "number, \(range.lowerBound.cellText) to \(range.upperBound.cellText)\(unit), or \(word)",
      meaning: meaning, example: example,
      read: { node, full, reader, root in
        if node.scalar?.string == word {
          root[keyPath: path] = nil
        } else if let value = reader.number(node, full, in: range, unit: unit, or: word) {
          root[keyPath: path] = value
        }
      }, show: { $0[keyPath: path]?.cellText ?? word },
      schema: { _, _ in ["anyOf": [StudySchema.number(range), ["enum": [word]]]] })
  }

  static func integer(
    _ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>, unit: String = "", _ meaning: String,
    _ example: String
  ) -> Self {
    .init(
      name: name, type: "whole number, \(range.lowerBound) to \(range.upperBound)\(unit)", meaning: meaning,
      example: example,
      read: { node, full, reader, root in
        if let value = reader.integer(node, full, in: range, unit: unit) { root[keyPath: path] = value }
      }, show: { String($0[keyPath: path]) }, schema: { _, _ in StudySchema.integer(range) })
  }

  static func optionalInteger(
    _ name: String, _ path: Path<Int?>, _ range: ClosedRange<Int>, or word: String, _ meaning: String, _ example: String
  ) -> Self {
    .init(
      name: name, type: "whole number, \(range.lowerBound) to \(range.upperBound), or \(word)", meaning: meaning,
      example: example,
      read: { node, full, reader, root in
        if node.scalar?.string == word {
          root[keyPath: path] = nil
        } else if let value = reader.integer(node, full, in: range, unit: "", or: word) {
          root[keyPath: path] = value
        }
      }, show: { $0[keyPath: path].map(String.init) ?? word },
      schema: { _, _ in ["anyOf": [StudySchema.integer(range), ["enum": [word]]]] })
  }

  static func seed(_ name: String, _ path: Path<UInt64>, _ meaning: String, _ example: String) -> Self {
    .init(
      name: name, type: "whole number from 0", meaning: meaning, example: example,
      read: { node, full, reader, root in
        if let value = reader.integer(node, full, in: 0...Int.max, unit: "") { root[keyPath: path] = UInt64(value) }
      }, show: { String($0[keyPath: path]) }, schema: { _, _ in ["type": "integer", "minimum": 0] })
  }

  static func flag(_ name: String, _ path: Path<Bool>, _ meaning: String, _ example: String) -> Self {
    .init(
      name: name, type: "true or false", meaning: meaning, example: example,
      read: { node, full, reader, root in
        if let value = reader.flag(node, full) { root[keyPath: path] = value }
      }, show: { String($0[keyPath: path]) }, schema: { _, _ in StudySchema.flag })
  }

  static func choice<Choice: RawRepresentable & CaseIterable & Sendable>(
    _ name: String, _ path: Path<Choice>, _ meaning: String, _ example: String
  ) -> Self where Choice.RawValue == String {
    let words = Choice.allCases.map(\.rawValue)
    let list = words.dropLast().joined(separator: ", ") + (words.count > 1 ? " or " : "") + (words.last ?? "")
    return .init(
      name: name, type: list, meaning: meaning, example: example,
      read: { node, full, reader, root in
        guard let word = reader.string(node, full, mend: "Write \(list).") else { return }
        guard let choice = Choice(rawValue: word) else {
          let guess = Suggestion.didYouMean(word, among: words)
          reader.fail("'\(full)' is '\(word)'", at: reader.place(node), mend: guess ?? "Write \(list).")
          return
        }
        root[keyPath: path] = choice
      }, show: { $0[keyPath: path].rawValue }, schema: { _, _ in ["enum": words] })
  }

  /// `word` says what holds where it is not given.
  static func optionalChoice<Choice: RawRepresentable & CaseIterable & Sendable>(
    _ name: String, _ path: Path<Choice?>, or word: String, _ meaning: String, _ example: String
  ) -> Self where Choice.RawValue == String {
    let words = Choice.allCases.map(\.rawValue)
    let list = words.dropLast().joined(separator: ", ") + (words.count > 1 ? " or " : "") + (words.last ?? "")
    return .init(
      name: name, type: list, meaning: meaning, example: example,
      read: { node, full, reader, root in
        guard let word = reader.string(node, full, mend: "Write \(list).") else { return }
        guard let choice = Choice(rawValue: word) else {
          let guess = Suggestion.didYouMean(word, among: words)
          reader.fail("'\(full)' is '\(word)'", at: reader.place(node), mend: guess ?? "Write \(list).")
          return
        }
        root[keyPath: path] = choice
      }, show: { $0[keyPath: path]?.rawValue ?? word }, schema: { _, _ in ["enum": words] })
  }

  static func numbers(
    _ name: String, _ path: Path<[Double]>, _ range: ClosedRange<Double>, unit: String, _ meaning: String,
    _ example: String
  ) -> Self {
    .init(
      name: name, type: "list of numbers, \(range.lowerBound.cellText) to \(range.upperBound.cellText)\(unit)",
      meaning: meaning, example: example,
      read: { node, full, reader, root in
        guard let sequence = node.sequence else {
          reader.fail("'\(full)' is not a list", at: reader.place(node), mend: "Write it as in: \(example)")
          return
        }
        root[keyPath: path] = sequence.enumerated().compactMap { i, item in
          reader.number(item, "\(full)[\(i)]", in: range, unit: unit)
        }
      }, show: { "[\($0[keyPath: path].map(\.cellText).joined(separator: ", "))]" },
      schema: { _, _ in ["type": "array", "items": StudySchema.number(range)] })
  }

  /// What is written in a form of its own. `word` says what stands for nothing.
  static func form<Value: CustomStringConvertible & Sendable>(
    _ name: String, _ path: Path<Value?>, _ type: String, or word: String, pattern: String,
    _ make: @escaping @Sendable (String) -> Value?, _ meaning: String, _ example: String
  ) -> Self {
    .init(
      name: name, type: "\(type), or \(word)", meaning: meaning, example: example,
      read: { node, full, reader, root in
        let mend = "Write \(word), or as in: \(example)"
        guard let text = reader.string(node, full, mend: mend) else { return }
        root[keyPath: path] = nil
        guard text != word else { return }
        guard let value = make(text) else {
          reader.fail("'\(full)' is '\(text)'", at: reader.place(node), mend: mend)
          return
        }
        root[keyPath: path] = value
      }, show: { $0[keyPath: path]?.description ?? word },
      schema: { _, _ in ["anyOf": [["type": "string", "pattern": pattern], ["enum": [word]]]] })
  }

  static func names(_ name: String, _ path: Path<[String]>, _ meaning: String, _ example: String) -> Self {
    .init(
      name: name, type: "list of names", meaning: meaning, example: example,
      read: { node, full, reader, root in
        if let names = reader.names(node, full) { root[keyPath: path] = names }
      }, show: { "[\($0[keyPath: path].joined(separator: ", "))]" }, schema: { _, _ in StudySchema.names })
  }

  static func text(
    _ name: String, _ path: Path<StudyDefinition.Localized>, markdown: Bool, required: Bool = false, _ meaning: String,
    _ example: String
  ) -> Self {
    .init(
      name: name, type: markdown ? "Markdown" : "text", meaning: meaning, example: example, isRequired: required,
      read: { node, full, reader, root in
        if let text = reader.text(node, full) { root[keyPath: path] = text }
      }, show: { YAMLText.localized($0[keyPath: path]) },
      missing: { root, full, reader in reader.requireText(root[keyPath: path], full) }, ofDesign: { _, _ in nil },
      schema: { _, _ in StudySchema.text(isEmpty: !required) })
  }

  /// A text that is missing in all languages or in none.
  static func optionalText(
    _ name: String, _ path: Path<StudyDefinition.Localized>, markdown: Bool = true, _ meaning: String,
    _ example: String
  ) -> Self {
    var key = text(name, path, markdown: markdown, meaning, example)
    key.missing = { root, full, reader in
      if !root[keyPath: path].isEmpty { reader.requireText(root[keyPath: path], full) }
    }
    return key
  }

  /// Texts in an order.
  static func textList(
    _ name: String, _ path: Path<[StudyDefinition.Localized]>, _ meaning: String, _ example: String
  ) -> Self {
    .init(
      name: name, type: "list of texts", meaning: meaning, example: example,
      read: { node, full, reader, root in
        guard let sequence = node.sequence else {
          reader.fail("'\(full)' is not a list", at: reader.place(node), mend: "Write it as in: \(example)")
          return
        }
        root[keyPath: path] = sequence.enumerated().map { i, item in
          reader.remember("\(full)[\(i)]", item)
          return reader.text(item, "\(full)[\(i)]") ?? [:]
        }
      },
      show: { root in "[\(root[keyPath: path].map(YAMLText.localized).joined(separator: ", "))]" },
      missing: { root, full, reader in
        for (i, text) in root[keyPath: path].enumerated() { reader.requireText(text, "\(full)[\(i)]") }
      },
      ofDesign: { root, defaults in
        let count = root[keyPath: path].count
        return count == defaults[keyPath: path].count ? nil : String(count)
      }, schema: { _, _ in ["type": "array", "items": StudySchema.text(isEmpty: false)] })
  }

  /// Texts by a name that the study chooses.
  static func texts(
    _ name: String, _ path: Path<[String: StudyDefinition.Localized]>, _ meaning: String, _ example: String
  ) -> Self {
    .init(
      name: name, type: "map of texts", meaning: meaning, example: example,
      read: { node, full, reader, root in
        guard let mapping = node.mapping else {
          reader.fail("'\(full)' is not a map", at: reader.place(node), mend: "Write it as in: \(example)")
          return
        }
        for (key, value) in mapping {
          let word = key.scalar?.string ?? ""
          reader.remember("\(full).\(word)", key)
          if let text = reader.text(value, "\(full).\(word)") { root[keyPath: path][word] = text }
        }
      },
      show: { root in
        let pairs = root[keyPath: path].sorted { $0.key < $1.key }
        return "{\(pairs.map { "\($0.key): \(YAMLText.localized($0.value))" }.joined(separator: ", "))}"
      },
      missing: { root, full, reader in
        for (word, text) in root[keyPath: path].sorted(by: { $0.key < $1.key }) {
          reader.requireText(text, "\(full).\(word)")
        }
      }, ofDesign: { _, _ in nil },
      schema: { _, _ in ["type": "object", "additionalProperties": StudySchema.text(isEmpty: false)] })
  }

  /// A list of sections, such as the questionnaire.
  static func list<Part: Sendable>(
    _ name: String, _ path: Path<[Part]>, new: @escaping @Sendable (Root) -> Part, _ meaning: String,
    _ keys: [StudyKeyReader<Part>]
  ) -> Self {
    .init(
      name: name, type: "list of sections", meaning: meaning, example: "",
      read: { node, full, reader, root in
        guard let sequence = node.sequence else {
          reader.fail("'\(full)' is not a list", at: reader.place(node), mend: "Start each item with a dash.")
          return
        }
        let holder = root
        root[keyPath: path] = sequence.enumerated().map { i, item in
          var part = new(holder)
          reader.remember("\(full)[\(i)]", item)
          reader.section(item, path: "\(full)[\(i)]", keys: keys, into: &part)
          return part
        }
      },
      show: { root in
        let parts = root[keyPath: path].map { line(keys, $0) }
        return "[\(parts.joined(separator: ", "))]"
      },
      missing: { root, full, reader in
        for (i, part) in root[keyPath: path].enumerated() {
          for key in keys { key.missing(part, "\(full)[\(i)].\(key.name)", &reader) }
        }
      },
      ofDesign: { root, _ in
        let parts = root[keyPath: path].map { StudyKeyReader<Part>.design(keys, $0, new(root)) ?? "{}" }
        return parts.isEmpty ? nil : "[\(parts.joined(separator: ", "))]"
      },
      children: { root, full in keys.flatMap { $0.documented(new(root), "\(full)[]") } },
      schema: { ["type": "array", "items": StudySchema.object(keys, $0.map(new), types: $1)] })
  }

  /// Values with the words that are shown for them.
  static func options(
    _ name: String, _ path: Path<[StudyDefinition.Question.Option]>, _ meaning: String, _ example: String
  ) -> Self {
    .init(
      name: name, type: "list of texts, or of {value, text, exclusive}", meaning: meaning, example: example,
      read: { node, full, reader, root in
        guard let sequence = node.sequence else {
          reader.fail("'\(full)' is not a list", at: reader.place(node), mend: "Write it as in: \(example)")
          return
        }
        root[keyPath: path] = []
        for (i, item) in sequence.enumerated() {
          reader.remember("\(full)[\(i)]", item)
          if item.mapping == nil {
            if let text = reader.string(item, "\(full)[\(i)]", mend: "Write a text or {value: …, text: …}.") {
              root[keyPath: path].append(.init(value: text, text: [reader.languages[0]: text]))
            }
            continue
          }
          var option = StudyDefinition.Question.Option(value: "", text: [:])
          reader.section(item, path: "\(full)[\(i)]", keys: StudyKeys.option, into: &option)
          root[keyPath: path].append(option)
        }
      },
      show: { root in
        let options = root[keyPath: path].map {
          "{value: \(YAMLText.quoted($0.value)), text: \(YAMLText.localized($0.text))\($0.isExclusive ? ", exclusive: true" : "")}"
        }
        return "[\(options.joined(separator: ", "))]"
      },
      missing: { root, full, reader in
        for (i, option) in root[keyPath: path].enumerated() {
          for key in StudyKeys.option { key.missing(option, "\(full)[\(i)].\(key.name)", &reader) }
        }
      },
      ofDesign: { root, _ in
        let options = root[keyPath: path].map { "\(YAMLText.quoted($0.value))\($0.isExclusive ? " exclusive" : "")" }
        return options.isEmpty ? nil : "[\(options.joined(separator: ", "))]"
      },
      schema: {
        let option = StudySchema.object(StudyKeys.option, .init(value: "", text: [:]), types: $1)
        return ["type": "array", "items": ["anyOf": [StudySchema.scalar(), option]]]
      })
  }
}

extension StudyKeyReader<StudyDefinition.Question> {
  /// An end of what is taken: a number, or a day where the answer is one.
  static func bound(
    _ name: String, _ number: Path<Double?>, _ day: Path<CalendarDate?>, _ meaning: String, _ example: String
  ) -> Self {
    let range = -1e9...1e9
    return .init(
      name: name,
      type: "number, \(range.lowerBound.cellText) to \(range.upperBound.cellText), or a date as 2024-12-31, or none",
      meaning: meaning, example: example,
      read: { node, full, reader, root in
        let text = node.scalar?.string ?? ""
        (root[keyPath: number], root[keyPath: day]) = (nil, CalendarDate(text))
        if text == "none" || root[keyPath: day] != nil { return }
        if text.wholeMatch(of: /\d+-\d+-\d+/) != nil {
          reader.fail(
            "'\(full)' is '\(text)', which is no day of the calendar", at: reader.place(node),
            mend: "Write year, month and day, as in 2024-12-31.")
        } else {
          root[keyPath: number] = reader.number(node, full, in: range, unit: "", or: "none")
        }
      }, show: { $0[keyPath: day]?.description ?? $0[keyPath: number]?.cellText ?? "none" },
      schema: { _, _ in
        [
          "anyOf": [
            StudySchema.number(range), ["type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"],
            ["enum": ["none"]],
          ]
        ]
      })
  }

  /// Which answers to earlier questions it takes for this one to be asked.
  static func conditions(
    _ name: String, _ path: Path<[StudyDefinition.Question.Condition]>, _ meaning: String, _ example: String
  ) -> Self {
    .init(
      name: name, type: "map of a question and one or several of its answers", meaning: meaning, example: example,
      read: { node, full, reader, root in
        root[keyPath: path] = []
        guard let mapping = node.mapping else {
          reader.fail("'\(full)' is not a map", at: reader.place(node), mend: "Write it as in: \(example)")
          return
        }
        for (key, value) in mapping {
          let question = key.scalar?.string ?? ""
          reader.remember("\(full).\(question)", key)
          let values = (value.sequence.map { Array($0) } ?? [value]).compactMap {
            reader.string($0, "\(full).\(question)", mend: "Write one of its answers, or a list of them.")
          }
          root[keyPath: path].append(.init(question: question, values: values))
        }
      },
      show: { root in
        let conditions = root[keyPath: path].sorted { $0.question < $1.question }.map {
          "\($0.question): [\($0.values.map(YAMLText.quoted).joined(separator: ", "))]"
        }
        return "{\(conditions.joined(separator: ", "))}"
      },
      schema: { _, _ in
        let answers: [String: Any] = ["type": "array", "items": StudySchema.scalar(), "minItems": 1]
        return ["type": "object", "additionalProperties": ["anyOf": [StudySchema.scalar(), answers]]]
      })
  }
}

extension YAMLReader {
  /// Complains of each language that a text lacks.
  mutating func requireText(_ text: StudyDefinition.Localized, _ path: String) {
    let missing = languages.filter { text[$0]?.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty ?? true }
    guard !missing.isEmpty else { return }
    let map = languages.map { "\($0): …" }.joined(separator: ", ")
    fail(
      languages.count == 1 && languages == ["en"]
        ? "'\(path)' is missing" : "'\(path)' is missing in \(missing.joined(separator: ", "))",
      at: place(of: path),
      mend: languages.count == 1 ? "Write the text, or 'file: texts/x.md'." : "Write a map by language: {\(map)}.")
  }
}

/// Values as YAML writes them.
enum YAMLText {
  static func quoted(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    return "\"\(escaped)\""
  }

  /// The bare text where it is in English only.
  static func localized(_ text: StudyDefinition.Localized) -> String {
    if text.count == 1, let english = text["en"] { return quoted(english) }
    return "{\(text.sorted { $0.key < $1.key }.map { "\($0.key): \(quoted($0.value))" }.joined(separator: ", "))}"
  }
}
