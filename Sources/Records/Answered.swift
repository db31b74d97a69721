import Study
import Trials

/// The answer to one step, checked and complete, as it is stored.
public struct Answered: Sendable {
  /// The session's number.
  public var session: Int
  /// The idempotency key that the browser made.
  public var key: String
  /// Each step of a session is stored once.
  public var step: Step
  /// How long the page was open until it was answered, in milliseconds, as the browser measured it; nil if it did not.
  public var responseMs: Int?
  /// `nothing` for steps that are only left: instructions and breaks.
  public var content: Content

  /// What was said, by the kind of step.
  public enum Content: Sendable {
    case nothing
    /// Questions and their values; a question with several choices has several values.
    case questionnaire([(question: String, values: [String])])
    /// The device that plays the sounds, as far as the browser reports it.
    case volume(PlayingDevice?)
    case headphones(chosen: [Int], right: Int, passed: Bool)
    /// `block`: 0 is training, the main blocks count from 1. `name`: the block's name in the study.
    case trial(Trial, block: Int, name: String, Judged)
  }

  public init(session: Int, key: String, step: Step, responseMs: Int? = nil, content: Content = .nothing) {
    self.session = session
    self.key = key
    self.step = step
    self.responseMs = responseMs
    self.content = content
  }
}

/// Something that happened in a session.
public struct Event: Sendable, Equatable {
  /// No more than this many are kept per session, so that nobody can fill the disk with them.
  public static let mostOfSession = 20_000

  /// The trial's index, from 1; nil outside of trials.
  public var trial: Int?
  /// Milliseconds since the session began.
  public var atMs: Int
  /// What happened, such as `play`, `stop` or `rate`: see the kinds of events in the interface.
  public var kind: String
  /// The sound concerned, by its name in stimuli.csv; outside of trials, `volume` or `headphones`; nil if there is none.
  public var stimulus: String?
  /// A detail, as text: for `rate`, the rating; for `stop`, how many milliseconds were played; nil if there is none.
  public var value: String?

  public init(trial: Int? = nil, atMs: Int, kind: String, stimulus: String? = nil, value: String? = nil) {
    self.trial = trial
    self.atMs = atMs
    self.kind = kind
    self.stimulus = stimulus
    self.value = value
  }
}
