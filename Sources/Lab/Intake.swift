import Basics
import Foundation
import HTTP
import Records
import Study

/// What browsers send, decoded and checked against the study before anything is stored.
enum Intake {
  /// - Throws: `Refusal` 400 that names the place in the body.
  static func decode<T: Decodable>(_ type: T.Type, _ request: Request) throws -> T {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do { return try decoder.decode(type, from: request.body) } catch let error as DecodingError {
      func path(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
        let keys = context.codingPath + (last.map { [$0] } ?? [])
        let text = keys.reduce(into: "") { text, key in
          if let index = key.intValue {
            text += "[\(index)]"
          } else {
            text += (text.isEmpty ? "" : ".") + snake(key.stringValue)
          }
        }
        return text.isEmpty ? "the body" : "'\(text.prefix(100))'"
      }
      switch error {
      case .keyNotFound(let key, let context): throw Refusal.badJSON("\(path(context, key)) is missing")
      case .valueNotFound(_, let context): throw Refusal.badJSON("\(path(context)) is null")
      case .typeMismatch(_, let context): throw Refusal.badJSON("\(path(context)) is of another type")
      case .dataCorrupted(let context): throw Refusal.badJSON("\(path(context)) cannot be read")
      @unknown default: throw Refusal.badJSON("it cannot be read")
      }
    } catch { throw Refusal.badJSON("it cannot be read") }
  }

  private static func snake(_ name: String) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
  }

  /// An idempotency key: a UUID that the browser made.
  static func key(_ text: String) throws -> String {
    guard let uuid = UUID(uuidString: text), text.utf8.count == 36 else {
      throw Refusal.invalid("'key' is not a UUID.", mend: "Make one with crypto.randomUUID().")
    }
    return uuid.uuidString
  }

  /// A text that is stored as it came.
  static func text(_ text: String, _ name: String, atMost limit: Int) throws -> String {
    guard text.unicodeScalars.count <= limit else {
      throw Refusal.invalid("'\(name)' is longer than \(limit) characters.", mend: "Shorten it.")
    }
    guard plain(text) == text else {
      throw Refusal.invalid("'\(name)' holds control characters.", mend: "Leave them out.")
    }
    return text
  }

  /// A text with a blank for each control character: nobody sees those, and no answer is lost for one.
  static func plain(_ text: String) -> String {
    var plain = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isPlain = "\n\t\r".unicodeScalars.contains(scalar) || scalar.properties.generalCategory != .control
      plain.append(isPlain ? scalar : " ")
    }
    return String(plain)
  }

  static func range(_ value: Int, _ name: String, _ range: ClosedRange<Int>) throws -> Int {
    guard range.contains(value) else {
      throw Refusal.invalid(
        "'\(name)' is \(value).", mend: "It lies between \(range.lowerBound) and \(range.upperBound).")
    }
    return value
  }
}

/// A time in milliseconds, or a count, as a browser measured it. It only describes how an answer came about and never
/// stands in the answer's way: a fraction is cut off, and what no page could measure becomes the nearest that one could,
/// from 0 to a leap year.
struct Measured: Decodable {
  var value: Int

  static let most = 366 * 86_400_000

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let number = try container.decode(Double.self)
    value = Int(min(max(number, 0), Double(Measured.most)))
  }
}

/// `POST /api/sessions`
struct JoinBody: Decodable {
  var key: String
  var language: String
  var consent: Bool
  /// Where the listener comes from and who it is elsewhere, as a program says it that joins by itself.
  var recruitedFrom: String?
  var externalId: String?
  /// The link's parameters in their order, name and value, as the page found them. More than these two in one are left.
  var parameters: [[String]]?

  func invitation(_ joining: StudyDefinition.Joining) -> Invitation {
    let said = [("from", recruitedFrom), (joining.id.first ?? Invitation.plainIDs[0], externalId)]
    let linked = (parameters ?? []).filter { !$0.isEmpty }.map { (name: $0[0], value: $0.count > 1 ? $0[1] : "") }
    return Invitation(said.compactMap { name, value in value.map { (name: name, value: $0) } } + linked, joining)
  }
}

/// `POST /api/sessions/TOKEN/responses`
struct ResponseBody: Decodable {
  struct Rating: Decodable {
    var position: String
    var rating: Int
    var plays: Measured
    var listenedMs: Measured
  }

  /// Of a questionnaire an object, of the headphone check a list.
  enum Answers: Decodable {
    case byQuestion([String: Value])
    case byRound([Int])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let list = try? container.decode([Int].self) {
        self = .byRound(list)
      } else {
        self = .byQuestion(try container.decode([String: Value].self))
      }
    }
  }

  enum Value: Decodable {
    case text(String)
    case number(Double)
    case list([String])
    case missing

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .missing
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else {
        self = .list(try container.decode([String].self))
      }
    }
  }

  var key: String
  var step: String
  var trial: Int?
  var responseMs: Measured?
  var ratings: [Rating]?
  var answers: Answers?

  /// - Throws: `Refusal` 422 that says what cannot be stored.
  func checked(for sitting: Sitting, stage: Stage, check: HeadphoneCheck) throws -> Answered {
    let (step, content) = try checkedContent(sitting, stage, check)
    guard sitting.steps.contains(step) else {
      throw Refusal.invalid("This study has no step '\(self.step)'.", mend: "Go on with the next step.")
    }
    return Answered(
      session: sitting.session.id, key: try Intake.key(key), step: step,
      responseMs: responseMs?.value, content: content)
  }

  private func checkedContent(_ sitting: Sitting, _ stage: Stage, _ check: HeadphoneCheck) throws
    -> (Step, Answered.Content)
  {
    switch step {
    case "volume": return (.volume, .nothing)
    case "instructions": return (.instructions, .nothing)
    case "questionnaire":
      guard case .byQuestion(let answers)? = answers else {
        throw Refusal.invalid("'answers' is missing.", mend: "Send an object of question and answer.")
      }
      return (.questionnaire, .questionnaire(try QuestionnaireCheck.checked(answers, stage.definition.questionnaire)))
    case "headphones":
      let rounds = stage.definition.headphones.trials
      guard case .byRound(let chosen)? = answers, chosen.count == rounds,
        chosen.allSatisfy((1...HeadphoneCheck.intervals).contains)
      else {
        throw Refusal.invalid(
          "'answers' does not have a choice for every round.",
          mend: "Send a list of \(rounds) numbers from 1 to \(HeadphoneCheck.intervals).")
      }
      let right = zip(chosen, 1...).count { $0 == check.quietest(sitting, round: $1) }
      return (
        .headphones, .headphones(chosen: chosen, right: right, passed: right >= stage.definition.headphones.pass)
      )
    case "trial":
      guard let index = trial, let planned = sitting.trial(index) else {
        throw Refusal.invalid("There is no such trial.", mend: "Trials count from 1 to \(sitting.plan.trials.count).")
      }
      return (
        .trial(index),
        .trial(planned, block: sitting.blocks[index - 1], ratings: try checkedRatings(planned, stage.definition.scale))
      )
    default:
      throw Refusal.invalid(
        "There is no such step.", mend: "Steps are questionnaire, volume, headphones, instructions and trial.")
    }
  }

  private func checkedRatings(_ trial: Trial, _ scale: StudyDefinition.Scale) throws -> [Rated] {
    let count = trial.candidates.count
    var rated: [Int: Rated] = [:]
    for rating in ratings ?? [] {
      guard let position = Letter.position(rating.position, count: count) else {
        throw Refusal.invalid("This trial has no such position.", mend: "Its positions are A to \(Letter.of(count)).")
      }
      let previous = rated.updateValue(
        Rated(
          position: position, rating: try Intake.range(rating.rating, "rating", scale.minimum...scale.maximum),
          plays: rating.plays.value, listenedMs: rating.listenedMs.value),
        forKey: position)
      guard previous == nil else {
        throw Refusal.invalid("\(rating.position) is rated twice.", mend: "Send one rating a position.")
      }
    }
    let missing = (1...max(1, count)).filter { rated[$0] == nil }
    guard missing.isEmpty else {
      throw Refusal.invalid(
        "\(missing.map(Letter.of).joined(separator: ", ")) \(missing.count == 1 ? "is" : "are") not rated.",
        mend: "Rate every position.")
    }
    return rated.values.sorted { $0.position < $1.position }
  }
}

/// Answers against the questions.
enum QuestionnaireCheck {
  static func checked(_ answers: [String: ResponseBody.Value], _ questions: [StudyDefinition.Question]) throws
    -> [(question: String, values: [String])]
  {
    let known = Set(questions.map(\.id))
    guard answers.keys.allSatisfy(known.contains) else {
      throw Refusal.invalid("There is an answer to a question that is not asked.", mend: "Answer what was asked.")
    }
    return try questions.compactMap { question in
      let values = try values(answers[question.id] ?? .missing, question)
      guard !values.isEmpty else {
        if question.required {
          throw Refusal.invalid("'\(question.id)' is not answered.", mend: "It must be answered.")
        }
        return nil
      }
      return (question.id, values)
    }
  }

  private static func values(_ value: ResponseBody.Value, _ question: StudyDefinition.Question) throws -> [String] {
    let options = question.options.map(\.value)
    func wrong(_ mend: String) -> Refusal { .invalid("'\(question.id)' cannot be stored as answered.", mend: mend) }
    switch (question.kind, value) {
    case (_, .missing): return []
    case (.text, .text(let text)):
      let text = try Intake.text(Intake.plain(text), question.id, atMost: 5000)
      return text.isEmpty ? [] : [text]
    case (.number, .number(let number)):
      guard number.isFinite, number >= question.minimum ?? -.infinity, number <= question.maximum ?? .infinity else {
        throw wrong(
          "It is a number\(question.minimum.map { " from \($0.cellText)" } ?? "")"
            + "\(question.maximum.map { " to \($0.cellText)" } ?? "").")
      }
      return [number.cellText]
    case (.choice, .text(let choice)):
      guard options.contains(choice) else { throw wrong("It is one of the options.") }
      return [choice]
    case (.choices, .list(let choices)):
      guard choices.allSatisfy(options.contains), Set(choices).count == choices.count else {
        throw wrong("It is a list of options, each once.")
      }
      return options.filter(choices.contains)
    default:
      throw wrong("A \(question.kind.rawValue) question has an answer of another type.")
    }
  }
}

/// `POST /api/sessions/TOKEN/events`
struct EventsBody: Decodable {
  struct Item: Decodable {
    var atMs: Measured
    var kind: String
    var trial: Int?
    var stimulus: String?
    var value: Value?
  }

  enum Value: Decodable {
    case text(String)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if let flag = try? container.decode(Bool.self) {
        self = .text(flag.cellText)
      } else {
        self = .text(try container.decode(Double.self).cellText)
      }
    }
  }

  static let kinds: Set<String> = ["play", "stop", "rate", "focus", "blur", "visible", "hidden", "reconnect", "error"]
  static let most = 500

  var key: String
  var events: [Item]

  /// Positions become the names of the stimuli that were heard there.
  func checked(for sitting: Sitting) throws -> [Event] {
    guard events.count <= EventsBody.most else {
      throw Refusal.invalid(
        "There are \(events.count) events.", mend: "Send at most \(EventsBody.most) in one request.")
    }
    return try events.map { item in
      guard EventsBody.kinds.contains(item.kind) else {
        throw Refusal.invalid(
          "There is no such kind of event.", mend: "Kinds are \(EventsBody.kinds.sorted().joined(separator: ", ")).")
      }
      var stimulus = item.stimulus
      if let index = item.trial {
        guard let trial = sitting.trial(index) else {
          throw Refusal.invalid("There is no such trial.", mend: "Trials count from 1 to \(sitting.plan.trials.count).")
        }
        if stimulus == "query" {
          stimulus = trial.query
        } else if let letter = stimulus {
          guard let position = Letter.position(letter, count: trial.candidates.count) else {
            throw Refusal.invalid("This trial has no such position.", mend: "Send a letter, query or null.")
          }
          stimulus = trial.candidates[position - 1].candidate
        }
      } else if let other = stimulus, !["volume", "headphones"].contains(other) {
        throw Refusal.invalid("There is no such sound outside trials.", mend: "Send volume, headphones or null.")
      }
      var value: String?
      if case .text(let text)? = item.value { value = String(Intake.plain(text).prefix(500)) }
      return Event(trial: item.trial, atMs: item.atMs.value, kind: item.kind, stimulus: stimulus, value: value)
    }
  }
}

/// `POST /api/sessions/TOKEN/refused`: what was refused, told by the browser that sent it.
struct RefusedBody: Decodable {
  /// The key of what was refused.
  var key: String
  /// The step and trial that it answers; no step where it was events.
  var step: String?
  var trial: Int?
  var status: Int?
  var code: String?
  /// What was sent, as text.
  var body: String

  /// More than a page of answers needs, with questions answered at length.
  static let longestBody = 100_000

  func checked(for session: Session) throws -> Refused {
    let step = step.flatMap { Step(name: $0, trial: trial ?? 0) }
    guard step != nil || self.step == nil, trial.map({ $0 > 0 }) ?? (self.step != "trial") else {
      throw Refusal.invalid(
        "There is no such step.", mend: "Send a step, and with 'trial' its number, or none for events.")
    }
    return Refused(
      session: session.id, key: try Intake.key(key), step: step, status: min(max(status ?? 0, 0), 599),
      code: String(Intake.plain(code ?? "unknown").prefix(100)),
      body: try Intake.text(Intake.plain(body), "body", atMost: RefusedBody.longestBody))
  }
}
