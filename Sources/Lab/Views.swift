import Basics
import Foundation
import Records
import Study

/// What a browser is told, and nothing else: no system, no rank, no candidate's name, no file, no mark of a reference,
/// an anchor, a catch or a repeat is reachable from these types.

/// `GET /api/study`
struct StudyView: Encodable {
  struct Texts: Encodable { var title, welcome, consent, agree: String }
  var title: String
  var languages: [String]
  var texts: [String: Texts]
  var open: Bool
  var minutes: Int
  var questions: Int
  var trials: Int
}

/// `GET /api/sessions/TOKEN`
struct SessionView: Encodable {
  struct Study: Encodable {
    struct Texts: Encodable { var instructions, question: String }
    struct Scale: Encodable {
      var kind: String
      var min, max: Int
      var low, high: String
      var showValue: Bool
    }
    struct Question: Encodable {
      struct Option: Encodable { var value, text: String }
      var id, kind, text: String
      var required: Bool
      var min, max: Double?
      var options: [Option]
    }
    struct Headphones: Encodable {
      struct Round: Encodable {
        var index: Int
        var audio: String
      }
      var check: Bool
      var rounds: [Round]
      var required: Bool
    }
    struct Volume: Encodable { var audio: String }

    var title, language: String
    var texts: Texts
    var scale: Scale
    var questionnaire: [Question]
    var headphones: Headphones
    var volume: Volume
  }

  var study: Study
  var state: String
  var done: DoneView
  var trials: [TrialView]
  /// Milliseconds since the session began: from here on a page counts `at_ms`.
  var elapsedMs: Int
  @Explicit var finish: FinishView?
}

/// `audio` and `query` name a sound: the address of a parcel and, behind `#`, its place in there.
struct TrialView: Encodable {
  struct Candidate: Encodable { var position, audio: String }
  var index: Int
  var kind: String
  var training: Bool
  var condition, conditionText, query: String
  var candidates: [Candidate]
  /// The time that it is expected to take.
  var seconds: Double
}

struct DoneView: Encodable {
  var questionnaire, volume, headphones, instructions: Bool
  var trials: [Int]
}

struct FinishView: Encodable {
  var text: String
  @Explicit var redirect: String?
}

/// The answer to `POST /api/sessions/TOKEN/responses`
struct SavedView: Encodable {
  var saved = true
  /// Of the headphone check only.
  var passed: Bool?
  var done: DoneView
  @Explicit var finish: FinishView?
}

/// A value that is written as `null` where it is missing, instead of being left out.
@propertyWrapper
struct Explicit<Value: Encodable>: Encodable {
  var wrappedValue: Value?

  init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}

// MARK: From the study

extension StudyView {
  init(_ stage: Stage, isOpen: Bool) {
    let definition = stage.definition
    let plan = stage.plan(1, definition.trials.seed)
    title = definition.title
    languages = definition.languages
    texts = Dictionary(
      uniqueKeysWithValues: Set(definition.languages).map { language in
        (
          language,
          Texts(
            title: definition.title, welcome: Markdown.html(stage.text(definition.texts.welcome, language)),
            consent: Markdown.html(stage.text(definition.consent.text, language)),
            agree: stage.text(definition.consent.agree, language))
        )
      })
    open = isOpen
    minutes = Int(stage.design.expectedMinutes().rounded(.up))
    questions = definition.questionnaire.count
    trials = plan.trials.count
  }
}

extension SessionView {
  init(_ sitting: Sitting, _ stage: Stage, _ standing: Standing, elapsedMs: Int) {
    study = Study(sitting, stage)
    self.elapsedMs = elapsedMs
    state = standing.state(stage)
    done = DoneView(standing, sitting)
    trials = sitting.plan.trials.map { TrialView($0, sitting, stage) }
    finish = FinishView(sitting, stage, standing)
  }
}

extension Standing {
  func isScreenedOut(_ stage: Stage) -> Bool { headphonesPassed == false && stage.definition.headphones.required }

  func state(_ stage: Stage) -> String { isFinished ? "finished" : isScreenedOut(stage) ? "screened_out" : "active" }
}

extension SessionView.Study {
  init(_ sitting: Sitting, _ stage: Stage) {
    let definition = stage.definition
    let language = sitting.session.language
    func text(_ localized: StudyDefinition.Localized) -> String { stage.text(localized, language) }
    title = definition.title
    self.language = language
    // In a text that belongs to no trial, `{condition}` stands for all that are asked for.
    var conditions: [String] = []
    for trial in sitting.plan.trials where !conditions.contains(trial.condition) { conditions.append(trial.condition) }
    let all = conditions.sorted().map { stage.conditionText($0, language) }.joined(separator: " / ")
    texts = Texts(
      instructions: Markdown.html(text(definition.texts.instructions).replacing("{condition}", with: all)),
      question: text(definition.texts.question))
    scale = Scale(
      kind: definition.scale.kind.rawValue, min: definition.scale.minimum, max: definition.scale.maximum,
      low: text(definition.scale.low), high: text(definition.scale.high), showValue: definition.scale.showValue)
    questionnaire = definition.questionnaire.map { question in
      Question(
        id: question.id, kind: question.kind.rawValue, text: text(question.text), required: question.required,
        min: question.minimum, max: question.maximum,
        options: question.options.map { .init(value: $0.value, text: text($0.text)) })
    }
    let rounds = definition.headphones.check ? definition.headphones.trials : 0
    headphones = Headphones(
      check: definition.headphones.check,
      rounds: (0..<rounds).map { .init(index: $0 + 1, audio: "/t/\(sitting.token)/audio/headphones/\($0 + 1)#0") },
      required: definition.headphones.required)
    // The first trial's loop: all are equally loud, and it will be needed anyway.
    volume = Volume(audio: "/t/\(sitting.token)/audio/\(sitting.plan.trials.first?.index ?? 1)#0")
  }
}

extension TrialView {
  init(_ trial: Trial, _ sitting: Sitting, _ stage: Stage) {
    let audio = "/t/\(sitting.token)/audio/\(trial.index)"
    index = trial.index
    kind = trial.kind.rawValue
    training = trial.isTraining
    condition = trial.condition
    conditionText = stage.conditionText(trial.condition, sitting.session.language)
    query = "\(audio)#0"
    candidates = trial.candidates.indices.map {
      Candidate(position: Letter.of($0 + 1), audio: "\(audio)#\($0 + 1)")
    }
    seconds = (stage.definition.trials.secondsPerCandidate * Double(trial.candidates.count)).rounded()
  }
}

extension DoneView {
  init(_ standing: Standing, _ sitting: Sitting) {
    /// A step that the study does not have is as good as done.
    func isDone(_ step: Step) -> Bool { standing.done.contains(step) || !sitting.steps.contains(step) }
    questionnaire = isDone(.questionnaire)
    volume = isDone(.volume)
    headphones = isDone(.headphones)
    instructions = isDone(.instructions)
    trials = standing.done.compactMap { if case .trial(let index) = $0 { index } else { nil } }.sorted()
  }
}

extension FinishView {
  /// What is issued at the end: nil unless every step is answered and saved. No other view holds any of it.
  init?(_ sitting: Sitting, _ stage: Stage, _ standing: Standing) {
    guard sitting.steps.allSatisfy(standing.done.contains) else { return nil }
    text = Markdown.html(stage.text(stage.definition.texts.finish, sitting.session.language))
    let unreserved = CharacterSet(charactersIn: "-._~").union(.alphanumerics).intersection(
      .init(charactersIn: " "..."~"))
    var known = sitting.session.link
    known["external_id"] = sitting.session.externalID ?? ""
    known["participant"] = String(sitting.session.participant)
    let filled = StudyDefinition.Finish.placeholders + stage.definition.joining.keep
    redirect = stage.definition.finish.redirect.map { redirect in
      filled.reduce(redirect) { text, name in
        let value = (known[name] ?? "").addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
        return text.replacing("{\(name)}", with: value)
      }
    }
  }
}
