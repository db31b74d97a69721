import Basics
import Foundation
import HTTP
import Interface
import Records
import Study
import Trials

/// Decodes what browsers send, and checks it against the study before anything is stored.
enum Intake {
  /// - Throws: `Refusal` 415 if it is not declared as JSON, which a form on another site cannot do; 400 that names the place
  ///   in the body.
  static func decode<T: Decodable & SendableMetatype>(_ type: T.Type, _ request: Request) throws -> T {
    try decode(type, request) { _ in nil }.body
  }

  /// A body that is also read as a second type, which depends on what was read first.
  static func decode<T: Decodable & SendableMetatype>(
    _ type: T.Type, _ request: Request, also other: @escaping @Sendable (T) -> (any Decodable.Type)?
  ) throws -> (body: T, other: (any Decodable)?) {
    let said = (request.header("content-type") ?? "").prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces)
    guard said.lowercased() == "application/json" else { throw Refusal.jsonExpected }
    let decoder = JSONDecoder()
    decoder.userInfo[Body<T>.alsoAs] = other
    do {
      // Also where nothing is asked of it; only one that does not look like an object is read for that alone.
      if request.body.first(where: { !" \t\r\n".utf8.contains($0) }) != UInt8(ascii: "{") {
        _ = try decoder.decode(AnObject.self, from: request.body)
      }
      let read = try decoder.decode(Body<T>.self, from: request.body)
      return (read.value, read.other)
    } catch let error as DecodingError {
      func path(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
        let keys = context.codingPath + (last.map { [$0] } ?? [])
        let text = keys.reduce(into: "") { text, key in
          if let index = key.intValue {
            text += "[\(index)]"
          } else {
            text += (text.isEmpty ? "" : ".") + key.stringValue
          }
        }
        return text.isEmpty ? "the body" : "'\(text.prefix(100))'"
      }
      switch error {
      case .keyNotFound(let key, let context): throw Refusal.badJSON("\(path(context, key)) is missing")
      case .valueNotFound(_, let context): throw Refusal.badJSON("\(path(context)) is null")
      case .typeMismatch(_, let context): throw Refusal.badJSON("\(path(context)) has the wrong type")
      case .dataCorrupted(let context): throw Refusal.badJSON("\(path(context)) cannot be read")
      @unknown default: throw Refusal.badJSON("it cannot be read")
      }
    } catch { throw Refusal.badJSON("it cannot be read") }
  }

  private struct AnObject: Decodable {
    private enum NoKey: CodingKey {}

    init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: NoKey.self) }
  }

  private struct Body<T: Decodable & SendableMetatype>: Decodable {
    static var alsoAs: CodingUserInfoKey { CodingUserInfoKey(rawValue: "also")! }
    var value: T
    var other: (any Decodable)?

    init(from decoder: any Decoder) throws {
      value = try T(from: decoder)
      let type = decoder.userInfo[Self.alsoAs] as? @Sendable (T) -> (any Decodable.Type)?
      other = try type?(value)?.init(from: decoder)
    }
  }

  /// An idempotency key: a UUID that the browser made.
  static func key(_ text: String) throws -> String {
    guard let uuid = UUID(uuidString: text), text.utf8.count == 36 else {
      throw Refusal.invalid("'key' is not a UUID.", mend: "Make one with crypto.randomUUID().")
    }
    return uuid.uuidString
  }

  /// A text that is stored unchanged.
  static func text(_ text: String, _ name: String, atMost limit: Int) throws -> String {
    guard text.unicodeScalars.count <= limit else {
      throw Refusal.invalid("'\(name)' is longer than \(limit) characters.", mend: "Shorten it.")
    }
    guard plain(text) == text else {
      throw Refusal.invalid("'\(name)' contains control characters.", mend: "Leave them out.")
    }
    return text
  }

  /// A text without blanks at its ends, as the pages count and send it.
  static func trimmed(_ text: String) -> Substring.UnicodeScalarView {
    func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace || scalar == "\u{FEFF}" }
    let scalars = text.unicodeScalars
    guard let start = scalars.firstIndex(where: { !isBlank($0) }), let end = scalars.lastIndex(where: { !isBlank($0) })
    else { return Substring("").unicodeScalars }
    return scalars[start...end]
  }

  /// A text with a blank for each control character: these are invisible, and no answer should be lost because of one.
  static func plain(_ text: String) -> String {
    var plain = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isPlain = "\n\t\r".unicodeScalars.contains(scalar) || scalar.properties.generalCategory != .control
      plain.append(isPlain ? scalar : " ")
    }
    return String(plain)
  }
}

extension JoinBody {
  func invitation(_ definition: StudyDefinition) -> Invitation {
    let joining = definition.joining
    let said = [("from", recruitedFrom), (joining.id.first ?? Invitation.plainIDs[0], externalId)]
    let linked = (parameters ?? []).filter { !$0.isEmpty }.map { (name: $0[0], value: $0.count > 1 ? $0[1] : "") }
    return Invitation(
      said.compactMap { name, value in value.map { (name: name, value: $0) } } + linked, joining,
      groups: definition.groups)
  }
}

extension ResponseBody {
  /// Decodes what was sent; for an answer to a trial, also what its type requires.
  static func read(_ request: Request, of sitting: Sitting) throws -> (body: ResponseBody, answer: (any Decodable)?) {
    let read = try Intake.decode(ResponseBody.self, request) { body in
      guard body.step == Step.Kind.trial.rawValue, let trial = try? sitting.trial(body.trial) else { return nil }
      guard let type = TrialTypes.named(trial.type) else { return nil }
      return answerType(type)
    }
    return (read.body, read.other)
  }

  private static func answerType<T: TrialType>(_ type: T) -> any Decodable.Type { T.Answer.self }

  /// - Parameter answer: what the trial's type requires.
  /// - Throws: `Refusal` 422 that says what cannot be stored.
  func checked(
    _ answer: (any Decodable)?, for sitting: Sitting, stage: Stage, check: HeadphoneCheck
  ) throws -> Answered {
    guard let kind = Step.Kind(rawValue: step) else {
      let kinds = Step.Kind.allCases.map(\.rawValue)
      throw Refusal.invalid(
        "There is no such step.",
        mend: "Steps are \(kinds.dropLast().joined(separator: ", ")) and \(kinds.last ?? "").")
    }
    let step = Step(kind, number: kind == .trial ? try sitting.trial(trial).index : number ?? 0)
    guard sitting.steps.contains(step) else {
      throw Refusal.invalid("This study has no step '\(self.step)'.", mend: "Continue with the next step.")
    }
    let content: Answered.Content =
      switch kind {
      case .instructions, .pause: .nothing
      case .volume: .volume(device?.plausible)
      case .questionnaire: try questionnaire(stage.design.questions(of: step))
      case .headphones: try headphones(sitting, stage, check, attempt: step.number)
      case .trial: try ResponseBody.trial(answer, try sitting.trial(trial), sitting, stage, comment: comment)
      }
    return Answered(
      session: sitting.session.id, key: try Intake.key(key), step: step, responseMs: responseMs?.value,
      content: content)
  }

  private func questionnaire(_ questions: [StudyDefinition.Question]) throws -> Answered.Content {
    guard case .byQuestion(let answers)? = answers else {
      throw Refusal.invalid("'answers' is missing.", mend: "Send an object of question and answer.")
    }
    return .questionnaire(try QuestionnaireCheck.checked(answers, questions))
  }

  private func headphones(
    _ sitting: Sitting, _ stage: Stage, _ check: HeadphoneCheck, attempt: Int
  ) throws -> Answered.Content {
    let asked = stage.definition.headphones
    let rounds = asked.roundsEach
    guard case .byRound(let chosen)? = answers, chosen.count == rounds,
      chosen.allSatisfy((1...HeadphoneCheck.intervals).contains)
    else {
      throw Refusal.invalid(
        "'answers' must have a choice for every round.",
        mend: "Send a list of \(rounds) numbers from 1 to \(HeadphoneCheck.intervals).")
    }
    let isRight = zip(chosen, (attempt * rounds + 1)...).map {
      (isRight: $0 == check.right(sitting, round: $1), ofSides: asked.tellsSides(round: $1))
    }
    let right = isRight.count { $0.isRight && !$0.ofSides }
    return .headphones(
      chosen: chosen, right: isRight.count { $0.isRight },
      passed: right >= asked.pass && isRight.allSatisfy { $0.isRight || !$0.ofSides })
  }

  /// In characters.
  private static let longestComment = 5000

  private static func trial(
    _ answer: (any Decodable)?, _ trial: Trial, _ sitting: Sitting, _ stage: Stage, comment: String?
  ) throws -> Answered.Content {
    guard let type = TrialTypes.named(trial.type) else { preconditionFailure("plans are of known types") }
    var judged = try judged(type, answer, trial, stage)
    let remark = Intake.plain(comment ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    if !remark.isEmpty, stage.runs[trial.block].takesComments {
      guard remark.count <= longestComment else {
        throw Refusal.invalid(
          "'comment' has \(remark.count) characters.", mend: "Send at most \(longestComment).")
      }
      judged.judgements.append(Judgement(scale: TrialTable.comment, text: remark))
    }
    return .trial(
      trial, block: sitting.blocks[trial.index - 1], name: stage.runs[trial.block].name, judged)
  }

  private static func judged<T: TrialType>(
    _ type: T, _ answer: (any Decodable)?, _ trial: Trial, _ stage: Stage
  ) throws -> Judged {
    guard let answer = answer as? T.Answer else { throw Refusal.badJSON("it is not an answer to this trial") }
    do { return try type.judged(answer, to: trial, in: stage.runs[trial.block]) } catch let problem
      as AnswerProblem
    {
      throw Refusal.invalid(problem.what, mend: problem.mend)
    }
  }
}

extension Answered.Content {
  /// Whether a practice answer was right, if its block gives feedback.
  func isRight(_ stage: Stage) -> Bool? {
    guard case .trial(let trial, _, _, let judged) = self, trial.isTraining,
      stage.runs[trial.block].givesFeedback
    else { return nil }
    return TrialTypes.named(trial.type)?.isRight(judged, in: trial)
  }
}

extension EventsBody {
  /// Replaces positions by the names of the stimuli that were heard there.
  func checked(for sitting: Sitting) throws -> [Event] {
    guard events.count <= EventsBody.most else {
      throw Refusal.invalid(
        "There are \(events.count) events.", mend: "Send at most \(EventsBody.most) in one request.")
    }
    return try events.map { item in
      guard Kind(rawValue: item.kind) != nil else {
        let kinds = Kind.allCases.map(\.rawValue).sorted()
        throw Refusal.invalid(
          "There is no such kind of event.", mend: "Kinds are \(kinds.joined(separator: ", ")).")
      }
      var stimulus = item.stimulus
      if let index = item.trial {
        let trial = try sitting.trial(index)
        if stimulus == Sound.query.rawValue, let sound = trial.sound {
          stimulus = sound
        } else if let letter = stimulus {
          guard let position = Position.of(letter, count: trial.candidates.count) else {
            throw Refusal.invalid("This trial has no such position.", mend: "Send a letter, query or null.")
          }
          stimulus = trial.candidates[position - 1].candidate
        }
      } else if let other = stimulus, ![Sound.volume, .headphones].map(\.rawValue).contains(other) {
        throw Refusal.invalid("There is no such sound outside of trials.", mend: "Send volume, headphones or null.")
      }
      var value: String?
      if case .text(let text)? = item.value { value = String(Intake.plain(text).prefix(500)) }
      return Event(trial: item.trial, atMs: item.atMs.value, kind: item.kind, stimulus: stimulus, value: value)
    }
  }
}

extension RefusedBody {
  func checked(for session: Session) throws -> Refused {
    let step = step.flatMap { Step(name: $0, number: trial ?? number ?? 0) }
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
