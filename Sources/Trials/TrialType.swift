import Study

/// One kind of listening test: everything about it that is not the same in all. Its page is the folder of its name in
/// `Public/scripts/trials`. `TrialTypes` lists them all.
public protocol TrialType: TrialDesign {
  /// What its page sends of an answered trial, beside the step, the index and the time that it took. Its keys are read as they
  /// stand: a name of several words has a coding key in snake_case.
  associatedtype Answer: Codable & Sendable

  /// What a page asks, in a line.
  var summary: String { get }

  /// What its answers are exported as.
  var table: TrialTable { get }

  /// What an answer says, complete and in range.
  /// - Throws: `AnswerProblem` that says what cannot be stored.
  func read(_ answer: Answer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged

  /// Whether what was said in a trial that checks attention shows that there was some; nil where it tells neither.
  func isPassed(_ judged: Judged, in trial: Trial) -> Bool?

  /// Whether an answer was right, of pages of which every answer is right or wrong; nil of all others.
  func isRight(_ judged: Judged, in trial: Trial) -> Bool?

  /// What a simulated listener answers.
  /// - Parameter heard: how similar each candidate seems to what is asked for, from 0 to 1, in the order of positions.
  func answer(hearing heard: [Double], in block: StudyDefinition.Block) -> Answer
}

extension TrialType {
  public func isRight(_ judged: Judged, in trial: Trial) -> Bool? { nil }

  /// The answer to a trial as it is stored, with the outcome of the attention check where it is one.
  /// - Throws: `AnswerProblem` that says what cannot be stored.
  public func judged(_ answer: Answer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged {
    var judged = try read(answer, to: trial, in: block)
    judged.isPassed = trial.isCatch && !trial.isTraining ? isPassed(judged, in: trial) : nil
    return judged
  }
}

/// Why an answer cannot be stored, and what would be right.
public struct AnswerProblem: Error, Equatable {
  public var what: String
  public var mend: String

  public init(_ what: String, mend: String) {
    self.what = what
    self.mend = mend
  }
}

/// What a listener said in a trial, and how each of its sounds was heard.
public struct Judged: Sendable, Equatable {
  public var heard: [Heard]
  public var judgements: [Judgement]
  /// Of a trial that checks attention only.
  public var isPassed: Bool?

  public init(heard: [Heard], judgements: [Judgement], isPassed: Bool? = nil) {
    self.heard = heard
    self.judgements = judgements
    self.isPassed = isPassed
  }

  /// The number that was said of a position on a scale.
  public func number(at position: Int, on scale: String) -> Double? {
    judgements.first { $0.position == position && $0.scale == scale }?.number
  }
}

/// How the candidate at a position was heard.
public struct Heard: Sendable, Equatable {
  /// From 1, which is A.
  public var position: Int
  public var plays: Int
  public var listenedMs: Int

  public init(position: Int, plays: Int, listenedMs: Int) {
    self.position = position
    self.plays = plays
    self.listenedMs = listenedMs
  }
}

/// One thing said: of a candidate, or of the whole trial.
public struct Judgement: Sendable, Equatable {
  /// From 1, which is A; 0 for the whole trial.
  public var position: Int
  /// What it is about, by a name that the type gives: each is said once of a position.
  public var scale: String
  public var number: Double?
  public var text: String?

  public init(position: Int = 0, scale: String, number: Double? = nil, text: String? = nil) {
    self.position = position
    self.scale = scale
    self.number = number
    self.text = text
  }
}

/// A time in milliseconds, or a count, as a browser measured it. It only describes how an answer came about and never
/// stands in the answer's way: a fraction is cut off, and what no page could measure becomes the nearest that one could,
/// from 0 to a leap year.
public struct Measured: Codable, Sendable {
  public var value: Int

  static let most = 366 * 86_400_000

  public init(_ value: Int) { self.value = value }

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
