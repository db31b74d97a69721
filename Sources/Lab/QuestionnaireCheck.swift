import Basics
import HTTP
import Interface
import Study

/// Checks answers against the questions, by the rules that the page shows to listeners.
enum QuestionnaireCheck {
  /// What is stored, in the order of the questions. Answers to questions that the other answers hide are always left out.
  /// - Throws: `Refusal` 422 that names the question.
  static func checked(_ answers: [String: ResponseBody.Value], _ questions: [StudyDefinition.Question]) throws
    -> [(question: String, values: [String])]
  {
    let known = Set(questions.map(\.id))
    guard answers.keys.allSatisfy(known.contains) else {
      throw Refusal.invalid("There is an answer to a question that was not asked.", mend: "Answer what was asked.")
    }
    var given: [String: [String]] = [:]
    return try questions.compactMap { question in
      guard question.shownIf.allSatisfy({ $0.holds(given) }) else { return nil }
      let values = try values(answers[question.id] ?? .missing, question)
      guard !values.isEmpty else {
        if question.required {
          throw Refusal.invalid("'\(question.id)' is not answered.", mend: "It must be answered.")
        }
        return nil
      }
      given[question.id] = values
      return (question.id, values)
    }
  }

  private static func values(_ value: ResponseBody.Value, _ question: StudyDefinition.Question) throws -> [String] {
    func wrong(_ mend: String) -> Refusal { .invalid("The answer to '\(question.id)' cannot be stored.", mend: mend) }
    switch (question.kind, value) {
    case (_, .missing): return []
    case (.text, .text(let text)), (.longText, .text(let text)):
      let text = try Intake.text(
        Intake.plain(text), question.id, atMost: StudyDefinition.Question.longestText)
      let (count, length) = (Intake.trimmed(text).count, question.length)
      guard count == 0 || length.contains(count) else {
        throw wrong("It has \(length.lowerBound) to \(length.upperBound) characters.")
      }
      return count == 0 ? [] : [text]
    case (.number, .number(let number)):
      guard number.isFinite, number >= question.minimum ?? -.infinity, number <= question.maximum ?? .infinity else {
        throw wrong(
          "It is a number\(question.minimum.map { " from \($0.cellText)" } ?? "")"
            + "\(question.maximum.map { " to \($0.cellText)" } ?? "").")
      }
      return [number.cellText]
    case (.scale, .number(let number)):
      guard let point = Int(exactly: number), question.points.contains(point) else {
        throw wrong("It is a whole number from \(question.points.lowerBound) to \(question.points.upperBound).")
      }
      return [String(point)]
    case (.date, .text(let text)):
      if text.isEmpty { return [] }
      guard let day = CalendarDate(text), day >= question.earliest ?? day, day <= question.latest ?? day else {
        throw wrong(
          "It is a day as 2024-12-31\(question.earliest.map { ", from \($0)" } ?? "")"
            + "\(question.latest.map { ", to \($0)" } ?? "").")
      }
      return [day.description]
    case (.choice, .text(let choice)):
      guard let option = question.options.first(where: { $0.value == choice }) else {
        throw wrong("It is one of the options.")
      }
      return [option.value]
    case (.choices, .list(let choices)):
      return try chosen(choices, question, wrong)
    default:
      throw wrong("A \(question.kind.rawValue) question needs an answer of another type.")
    }
  }

  private static func chosen(
    _ choices: [String], _ question: StudyDefinition.Question, _ wrong: (String) -> Refusal
  ) throws -> [String] {
    let options = question.options.filter { choices.contains($0.value) }
    guard options.count == choices.count, Set(choices).count == choices.count else {
      throw wrong("It is a list of options, each once.")
    }
    if options.contains(where: \.isExclusive) {
      guard options.count == 1 else { throw wrong("One of these options can only be chosen alone.") }
    } else if !options.isEmpty {
      let count = Double(options.count)
      guard count >= question.minimum ?? 0, count <= question.maximum ?? .infinity else {
        throw wrong(
          "It is a list of\(question.minimum.map { " at least \($0.cellText)" } ?? "")"
            + "\(question.maximum.map { " at most \($0.cellText)" } ?? "") options.")
      }
    }
    return options.map(\.value)
  }
}
