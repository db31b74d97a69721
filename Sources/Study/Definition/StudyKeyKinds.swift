import Basics
import Foundation
import Keys
import Yams

/// Kinds of keys that only a study has: texts in several languages, questions, blocks.
extension KeyReader {
  /// A text whose presence adds a step to the session. Its wording is not part of the design.
  func asStep(_ path: Path<StudyDefinition.Localized>) -> Self {
    var key = self
    key.ofDesign = { root, _ in root[keyPath: path].isEmpty ? nil : "given" }
    return key
  }

  /// The name of a trial type. This room does not know which types exist.
  func amongTypes() -> Self {
    var key = self
    key.schema = { ["enum": $1] }
    return key
  }

  /// One text, or one per language.
  static func title(
    _ name: String, _ path: Path<String>, _ inLanguages: Path<StudyDefinition.Localized>, _ meaning: String,
    _ example: String
  ) -> Self {
    let one = line(name, path, required: true, meaning, example)
    var key = one
    key.type = "text, or one per language"
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
    key.schema = { _, _ in KeySchema.text(isEmpty: false) }
    return key
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
      schema: { _, _ in KeySchema.text(isEmpty: !required) })
  }

  /// A text that is given either in all languages or in none.
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

  /// A list of texts, in order.
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
      }, schema: { _, _ in ["type": "array", "items": KeySchema.text(isEmpty: false)] })
  }

  /// Texts under names that the study chooses.
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
      schema: { _, _ in ["type": "object", "additionalProperties": KeySchema.text(isEmpty: false)] })
  }

  /// Values, and the words shown for them.
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
        let option = KeySchema.object(StudyKeys.option, .init(value: "", text: [:]), types: $1)
        return ["type": "array", "items": ["anyOf": [KeySchema.scalar(), option]]]
      })
  }
}

extension KeyReader<StudyDefinition.Question> {
  /// One end of a permitted range: a number, or a day if the answer is a date.
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
            "'\(full)' is '\(text)', which is not a calendar date", at: reader.place(node),
            mend: "Write year, month and day, as in 2024-12-31.")
        } else {
          root[keyPath: number] = reader.number(node, full, in: range, unit: "", or: "none")
        }
      }, show: { $0[keyPath: day]?.description ?? $0[keyPath: number]?.cellText ?? "none" },
      schema: { _, _ in
        [
          "anyOf": [
            KeySchema.number(range), ["type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"],
            ["enum": ["none"]],
          ]
        ]
      })
  }

  /// The answers to earlier questions that are required for this one to be asked.
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
        let answers: [String: Any] = ["type": "array", "items": KeySchema.scalar(), "minItems": 1]
        return ["type": "object", "additionalProperties": ["anyOf": [KeySchema.scalar(), answers]]]
      })
  }
}

extension YAMLReader {
  /// Reports each language in which a text is missing.
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
