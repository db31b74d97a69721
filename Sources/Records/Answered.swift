import Study

/// The answer to one step, checked and complete, as it is stored.
public struct Answered: Sendable {
  public var session: Int
  /// The idempotency key that the browser made.
  public var key: String
  public var step: Step
  public var responseMs: Int?
  public var content: Content

  public enum Content: Sendable {
    case nothing
    /// Question and values; a question with several choices has several values.
    case questionnaire([(question: String, values: [String])])
    case headphones(chosen: [Int], right: Int, passed: Bool)
    case trial(Trial, block: Int, ratings: [Rated])
  }

  public init(session: Int, key: String, step: Step, responseMs: Int? = nil, content: Content = .nothing) {
    self.session = session
    self.key = key
    self.step = step
    self.responseMs = responseMs
    self.content = content
  }
}

/// A rating of the candidate at a position.
public struct Rated: Sendable, Equatable {
  /// From 1, which is A.
  public var position: Int
  public var rating: Int
  public var plays: Int
  public var listenedMs: Int

  public init(position: Int, rating: Int, plays: Int, listenedMs: Int) {
    self.position = position
    self.rating = rating
    self.plays = plays
    self.listenedMs = listenedMs
  }
}

/// Something that happened in a session.
public struct Event: Sendable, Equatable {
  public var trial: Int?
  /// Milliseconds since the session began.
  public var atMs: Int
  public var kind: String
  public var stimulus: String?
  public var value: String?

  public init(trial: Int? = nil, atMs: Int, kind: String, stimulus: String? = nil, value: String? = nil) {
    self.trial = trial
    self.atMs = atMs
    self.kind = kind
    self.stimulus = stimulus
    self.value = value
  }
}
