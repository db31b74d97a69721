import Basics
import Foundation
import Keys

/// Rules for a study's questionnaires beyond the range of each key.
extension StudyRules {
  static func questions(_ definition: StudyDefinition, _ reader: inout YAMLReader) {
    var seen: Set<String> = []
    questionnaire(definition.questionnaire, "questionnaire", of: definition, &seen, &reader)
    for (i, block) in definition.blocks.enumerated() {
      questionnaire(block.questionnaire, "blocks[\(i)].questionnaire", of: definition, &seen, &reader)
    }
    questionnaire(definition.closing, "closing_questionnaire", of: definition, &seen, &reader)
  }

  private static func questionnaire(
    _ questions: [StudyDefinition.Question], _ list: String, of definition: StudyDefinition, _ seen: inout Set<String>,
    _ reader: inout YAMLReader
  ) {
    for (i, question) in questions.enumerated() {
      let path = "\(list)[\(i)]"
      id(question.id, path, &seen, &reader)
      options(question, path, &reader)
      bounds(question, path, &reader)
      ends(question, path, &reader)
      for condition in question.shownIf {
        shown(
          condition, "\(path).shown_if.\(condition.question)", of: question, before: questions[..<i],
          all: questions, definition, &reader)
      }
    }
  }

  private static func id(_ id: String, _ path: String, _ seen: inout Set<String>, _ reader: inout YAMLReader) {
    if participantColumns.contains(id) {
      reader.fail(
        "'\(id)' is a column that participants.csv already has", at: reader.place(of: "\(path).id"),
        mend: "Choose another id.")
    } else if !id.isEmpty, id.wholeMatch(of: /[a-z][a-z0-9_]*/) == nil {
      reader.fail(
        "'\(id)' cannot name a column", at: reader.place(of: "\(path).id"),
        mend: "Use small letters, digits and underscores, a letter first.")
    }
    if !id.isEmpty, !seen.insert(id).inserted {
      reader.fail(
        "'\(id)' is the id of two questions", at: reader.place(of: "\(path).id"), mend: "Rename one of them.")
    }
  }

  private static func options(_ question: StudyDefinition.Question, _ path: String, _ reader: inout YAMLReader) {
    let (options, kind) = (question.options, question.kind)
    let choosing = kind == .choice || kind == .choices
    if choosing, options.count < 2 {
      reader.fail(
        "the question has \(options.isEmpty ? "no options" : "only one option")", at: reader.place(of: path),
        mend: "Give it at least two 'options'.")
    } else if !choosing, !options.isEmpty {
      reader.fail(
        "a question of kind '\(kind.rawValue)' has no options", at: reader.place(of: "\(path).options"),
        mend: "Use 'kind: choice' or 'kind: choices'.")
    }
    if Set(options.map(\.value)).count < options.count {
      reader.fail(
        "two options have the same value", at: reader.place(of: "\(path).options"), mend: "Rename one of them.")
    }
    if kind == .choices, options.contains(where: { $0.value.contains(";") }) {
      reader.fail(
        "an option's value contains a semicolon", at: reader.place(of: "\(path).options"),
        mend: "participants.csv joins chosen values with semicolons: do not use semicolons in values.")
    }
    if kind != .choices, let exclusive = options.firstIndex(where: \.isExclusive) {
      reader.fail(
        "'exclusive' means nothing if only one option can be chosen anyway",
        at: reader.place(of: "\(path).options[\(exclusive)].exclusive"),
        mend: "Leave it out, or use 'kind: choices'.")
    } else if kind == .choices, options.count > 1, options.allSatisfy(\.isExclusive) {
      reader.fail(
        "every option is exclusive, so only one can be chosen", at: reader.place(of: "\(path).options"),
        mend: "Use 'kind: choice', and leave 'exclusive' out.")
    }
  }

  /// Checks `min` and `max`, whose meaning depends on the kind of question.
  private static func bounds(_ question: StudyDefinition.Question, _ path: String, _ reader: inout YAMLReader) {
    let kind = question.kind
    let given = [("min", question.minimum, question.earliest), ("max", question.maximum, question.latest)]
      .filter { $0.1 != nil || $0.2 != nil }
    for (name, number, day) in given {
      let place = reader.place(of: "\(path).\(name)")
      switch (kind, number, day) {
      case (.choice, _, _):
        reader.fail(
          "a question of kind 'choice' has no '\(name)'", at: place, mend: "Leave it out, or use another kind.")
      case (.date, let number?, _):
        reader.fail(
          "'\(name)' is \(number.cellText), but the answer is a date", at: place,
          mend: "Write a day, as in \(name): 2024-12-31.")
      case (.text, _, let day?), (.longText, _, let day?), (.number, _, let day?), (.choices, _, let day?),
        (.scale, _, let day?):
        reader.fail(
          "'\(name)' is the date \(day), but the answer is not a date", at: place,
          mend: "Write a number, or use 'kind: date'.")
      case (.text, let number?, _), (.longText, let number?, _):
        whole(
          number, "characters", (name == "min" ? 0 : 1)...StudyDefinition.Question.longestText, name, place, &reader)
      case (.choices, let number?, _):
        let open = max(1, question.options.count { !$0.isExclusive })
        whole(number, "options", (name == "min" ? 0 : 1)...open, name, place, &reader)
      case (.scale, let number?, _): whole(number, "", -1000...1000, name, place, &reader)
      case (.number, _, _), (.date, _, _), (.text, _, _), (.longText, _, _), (.choices, _, _), (.scale, _, _): break
      }
    }
    let place = reader.place(of: "\(path).min")
    if kind != .choice, let low = question.minimum, let high = question.maximum, low > high {
      reader.fail("'min' is above 'max'", at: place, mend: "Swap them.")
    } else if kind == .date, let first = question.earliest, let last = question.latest, first > last {
      reader.fail("'min' is above 'max': \(first) comes after \(last)", at: place, mend: "Swap them.")
    } else if kind == .scale, question.earliest == nil, question.latest == nil {
      let span = (question.maximum ?? 5) - (question.minimum ?? 1)
      if span < 1 {
        reader.fail(
          "the scale goes from \((question.minimum ?? 1).cellText) to \((question.maximum ?? 5).cellText)",
          at: reader.place(of: "\(path).max"), mend: "Write 'max', above 'min'.")
      } else if span > 10 {
        reader.fail(
          "a scale of \((span + 1).cellText) points does not fit on a phone", at: reader.place(of: "\(path).max"),
          mend: "Use at most 11 points, or 'kind: number'.")
      }
    }
  }

  private static func whole(
    _ number: Double, _ unit: String, _ range: ClosedRange<Int>, _ name: String, _ place: Place,
    _ reader: inout YAMLReader
  ) {
    guard Int(exactly: number).map(range.contains) != true else { return }
    reader.fail(
      "'\(name)' is \(number.cellText)\(unit.isEmpty ? "" : " \(unit)")", at: place,
      mend: "Write a whole number from \(range.lowerBound) to \(range.upperBound), or none.")
  }

  private static func ends(_ question: StudyDefinition.Question, _ path: String, _ reader: inout YAMLReader) {
    for (name, words) in [("low", question.low), ("high", question.high)] {
      if question.kind == .scale, words.isEmpty {
        reader.fail(
          "the scale has no words at its \(name) end", at: reader.place(of: path),
          mend: "Write '\(name)', so that all listeners understand the points in the same way.", severity: .warning)
      } else if question.kind != .scale, !words.isEmpty {
        reader.fail(
          "a question of kind '\(question.kind.rawValue)' has no '\(name)'", at: reader.place(of: "\(path).\(name)"),
          mend: "Leave it out, or use 'kind: scale'.")
      }
    }
  }

  private static func shown(
    _ condition: StudyDefinition.Question.Condition, _ path: String, of question: StudyDefinition.Question,
    before: ArraySlice<StudyDefinition.Question>, all: [StudyDefinition.Question], _ definition: StudyDefinition,
    _ reader: inout YAMLReader
  ) {
    let place = reader.place(of: path)
    guard let asked = before.first(where: { $0.id == condition.question }) else {
      return notAskedBefore(condition, place, of: question, before: before, all: all, definition, &reader)
    }
    if condition.values.isEmpty {
      reader.fail(
        "no answer is named", at: place, mend: "Write one of the answers to '\(asked.id)', or a list of them.")
    }
    if [.text, .longText, .date].contains(asked.kind), !condition.values.isEmpty {
      reader.fail(
        "'\(asked.id)' is of kind '\(asked.kind.rawValue)', on which no question can depend", at: place,
        mend: "Name a question of kind choice, choices, scale or number.")
    } else {
      for value in condition.values { answer(value, to: asked, place, &reader) }
    }
  }

  private static func notAskedBefore(
    _ condition: StudyDefinition.Question.Condition, _ place: Place, of question: StudyDefinition.Question,
    before: ArraySlice<StudyDefinition.Question>, all: [StudyDefinition.Question], _ definition: StudyDefinition,
    _ reader: inout YAMLReader
  ) {
    let what = "'\(question.id)' depends on '\(condition.question)'"
    if condition.question == question.id {
      reader.fail("\(what), which is itself", at: place, mend: "Name a question that is asked before it.")
    } else if all.contains(where: { $0.id == condition.question }) {
      reader.fail("\(what), which is asked later", at: place, mend: "Move that one before it.")
    } else if definition.questions.contains(where: { $0.id == condition.question }) {
      reader.fail(
        "\(what), which another questionnaire asks", at: place,
        mend: "Ask both in the same questionnaire: a page knows only its own answers.")
    } else {
      let ids = before.map(\.id)
      reader.fail(
        "\(what), but there is no such question", at: place,
        mend: Suggestion.didYouMean(condition.question, among: ids)
          ?? (ids.isEmpty ? "Nothing is asked before it." : "The earlier questions are \(ids.joined(separator: ", ")).")
      )
    }
  }

  /// Checks that a question can have this answer.
  private static func answer(
    _ value: String, to asked: StudyDefinition.Question, _ place: Place, _ reader: inout YAMLReader
  ) {
    /// Compared byte by byte, as the page compares the stored value.
    func isOne(of values: [String]) -> Bool { values.contains { $0.utf8.elementsEqual(value.utf8) } }
    switch asked.kind {
    case .choice, .choices:
      let values = asked.options.map(\.value)
      if !isOne(of: values) {
        reader.fail(
          "'\(value)' is not an option of '\(asked.id)'", at: place,
          mend: Suggestion.didYouMean(value, among: values) ?? "Its options are \(values.joined(separator: ", ")).")
      }
    case .scale:
      let points = asked.points
      if points.count <= 11, !isOne(of: points.map(String.init)) {
        reader.fail(
          "'\(value)' is not a point of the scale '\(asked.id)'", at: place,
          mend: "Write whole numbers from \(points.lowerBound) to \(points.upperBound).")
      }
    case .number:
      guard let number = Double(value), number.isFinite, isOne(of: [number.cellText]) else {
        return reader.fail(
          "answers to '\(asked.id)' are not stored as '\(value)'", at: place, mend: "Write a number, as in 2.5.")
      }
      if number < asked.minimum ?? -.infinity || number > asked.maximum ?? .infinity {
        reader.fail(
          "'\(value)' is not an answer that '\(asked.id)' accepts", at: place, mend: "Stay within its 'min' and 'max'.")
      }
    case .text, .longText, .date: break
    }
  }
}
