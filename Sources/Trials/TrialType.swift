import Study

/// A kind of listening test: everything that differs between kinds. Its page is in the folder of its name in
/// `Public/scripts/trials`. `TrialTypes` lists all types.
public protocol TrialType: TrialDesign {
  /// What its page sends for an answered trial, besides the step, the index and the response time. Keys are read
  /// exactly as written: a property of several words needs a coding key in snake_case.
  associatedtype Answer: Codable & Sendable

  /// The page's question, in one line.
  var summary: String { get }

  /// The table to which its answers are exported.
  var table: TrialTable { get }

  /// Reads an answer and checks that it is complete and in range.
  /// - Throws: `AnswerProblem` that says why it cannot be stored.
  func read(_ answer: Answer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged

  /// Whether an attention check was passed. Nil if the answer does not show it.
  func isPassed(_ judged: Judged, in trial: Trial, of block: StudyDefinition.Block) -> Bool?

  /// Whether an answer was right. Nil if the page has no right answer.
  func isRight(_ judged: Judged, in trial: Trial) -> Bool?

  /// The answer of a simulated listener.
  /// - Parameter heard: how similar each candidate seems to what is asked for, from 0 to 1, in the order of positions.
  func answer(hearing heard: [Double], in block: StudyDefinition.Block) -> Answer
}

extension TrialType {
  /// Nil, unless the type says otherwise: its pages have no right answer.
  public func isRight(_ judged: Judged, in trial: Trial) -> Bool? { nil }

  /// The answer as it is stored, including the outcome of an attention check.
  /// - Throws: `AnswerProblem` that says why it cannot be stored.
  public func judged(_ answer: Answer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged {
    var judged = try read(answer, to: trial, in: block)
    judged.isPassed = trial.isCatch && !trial.isTraining ? isPassed(judged, in: trial, of: block) : nil
    return judged
  }
}

/// Why an answer cannot be stored, and what would be right.
public struct AnswerProblem: Error, Equatable {
  /// What is wrong with it, as a sentence that names the key or the position.
  public var what: String
  /// What to send instead, as a sentence.
  public var mend: String

  public init(_ what: String, mend: String) {
    self.what = what
    self.mend = mend
  }
}

/// The judgements of a trial, and how each of its sounds was heard.
public struct Judged: Sendable, Equatable {
  /// One for each position, in their order.
  public var heard: [Heard]
  /// In any order. What concerns the whole page has position 0.
  public var judgements: [Judgement]
  /// For attention checks: whether it was passed.
  public var isPassed: Bool?

  public init(heard: [Heard], judgements: [Judgement], isPassed: Bool? = nil) {
    self.heard = heard
    self.judgements = judgements
    self.isPassed = isPassed
  }

  /// The number given to a position on a scale.
  public func number(at position: Int, on scale: String) -> Double? {
    judgements.first { $0.position == position && $0.scale == scale }?.number
  }
}

/// How the candidate at a position was heard.
public struct Heard: Sendable, Equatable {
  /// From 1, which is A.
  public var position: Int
  /// How often it was started, from 0.
  public var plays: Int
  /// For how long it was heard in all plays together, in milliseconds.
  public var listenedMs: Int

  public init(position: Int, plays: Int, listenedMs: Int) {
    self.position = position
    self.plays = plays
    self.listenedMs = listenedMs
  }
}

/// One judgement: of a candidate, or of the whole trial.
public struct Judgement: Sendable, Equatable {
  /// From 1, which is A. 0 for the whole trial.
  public var position: Int
  /// What is judged, by a name that the type chooses. Each name occurs at most once per position.
  public var scale: String
  /// In the unit of its scale. Nil for judgements in words alone.
  public var number: Double?
  /// The listener's own words: a comment, or the name of a group. Nil if there are none.
  public var text: String?

  /// A judgement of the whole trial, unless a position is given.
  public init(position: Int = 0, scale: String, number: Double? = nil, text: String? = nil) {
    self.position = position
    self.scale = scale
    self.number = number
    self.text = text
  }
}

/// A time in milliseconds, or a count, as a browser measured it. It only describes how an answer was given, so it never
/// causes the answer to be refused: fractions are cut off, and implausible values are clamped to the range from 0 to a
/// leap year.
public struct Measured: Codable, Sendable {
  /// Whole milliseconds, or a count.
  public var value: Int

  static let most = 366 * 86_400_000

  /// Takes the number as it is: only what is decoded is clamped.
  public init(_ value: Int) { self.value = value }

  /// Reads any number.
  /// - Throws: `DecodingError` if it is not a number.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let number = try container.decode(Double.self)
    value = Int(min(max(number, 0), Double(Measured.most)))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }
}
